import { createHmac, timingSafeEqual } from "node:crypto";

/** How far the clocks of two machines may be apart, and how long a letter may travel: 60 s. */
const AGE_MS = 60_000;
export const SEAL_HEADER = "x-hearth-worker";

/** Says that a request comes from a worker: a time, and both sealed with the secret that the database holds. */
export function seal(secret: string, path: string, nowMs: number): string {
  return `${nowMs}.${mac(secret, path, String(nowMs))}`;
}

export function isSealed(secret: string, path: string, given: string, nowMs: number): boolean {
  const [time = "", code = ""] = given.split(".");
  if (!/^\d{1,15}$/.test(time) || Math.abs(nowMs - Number(time)) > AGE_MS) return false;
  const right = Buffer.from(mac(secret, path, time));
  const said = Buffer.from(code);
  return said.length === right.length && timingSafeEqual(said, right);
}

function mac(secret: string, path: string, time: string): string {
  return createHmac("sha256", secret).update(`${time} ${path}`).digest("base64url");
}
