import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { RequestError } from "./problem.ts";

/** 256 random bits for one life of the service; shown once, at start. */
export function newToken(): string {
  return `hearth_${randomBytes(32).toString("base64url")}`;
}

/** The one place that takes a key out of a request: `Authorization: Bearer KEY`, or `x-api-key: KEY` as Anthropic's clients send it. */
export function keyOf(c: Context): string | undefined {
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(c.req.header("authorization") ?? "")?.[1];
  return bearer ?? c.req.header("x-api-key");
}

/** Raises 401 unless the request carries the token. Takes the same time for any wrong one. */
export function requireToken(c: Context, token: string): void {
  const given = keyOf(c);
  if (given !== undefined && same(given, token)) return;
  throw new RequestError(401, given === undefined ? "This needs a token." : "This token is not right.", {
    code: "token_required",
    remedy: "Send `Authorization: Bearer TOKEN` with the token that `hearth serve` printed at start.",
  });
}

function same(a: string, b: string): boolean {
  const digest = (value: string): Buffer => createHash("sha256").update(value).digest();
  return timingSafeEqual(digest(a), digest(b));
}
