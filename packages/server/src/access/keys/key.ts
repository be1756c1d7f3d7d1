import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** Bytes of chance in a key: 256 bits. */
const SECRET_BYTES = 32;
const ID_BYTES = 6;

/** A key and what is kept of it. */
export interface NewKey {
  id: string;
  /** Shown once, never kept. */
  key: string;
  /** SHA-256 of the key in hexadecimal. Enough for what is random through and through: there is nothing to guess slowly. */
  hash: string;
}

/** `hearth_ID_SECRET`: the id says which key it is, also in logs; the secret is never written down. */
export function newKey(): NewKey {
  const id = randomBytes(ID_BYTES).toString("hex");
  const key = `hearth_${id}_${randomBytes(SECRET_BYTES).toString("base64url")}`;
  return { id, key, hash: digestOf(key).toString("hex") };
}

/** The token for one life of the service; 256 random bits. */
export function newToken(): string {
  return `hearth_${randomBytes(SECRET_BYTES).toString("base64url")}`;
}

export function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** Takes the same time for any two digests. */
export function sameDigest(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
