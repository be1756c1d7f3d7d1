import type { Context } from "hono";

/** What a request brings along to say who it is from. */
export type Credential = { key: string } | "none" | "unclear";

/**
 * The one place that takes a key out of a request: `Authorization: Bearer KEY`, or `x-api-key: KEY` as Anthropic's clients send it. No
 * other place counts: what stands in a URL ends in logs, what stands in a cookie is sent by any page. Two that differ, or one that is sent
 * twice, are unclear: which one a proxy in front has checked can't be known.
 */
export function credentialOf(c: Context): Credential {
  const authorization = c.req.header("authorization");
  const other = c.req.header("x-api-key");
  if (authorization === undefined && other === undefined) return "none";
  const bearer = bearerOf(authorization);
  if (bearer === "unclear" || (other !== undefined && !KEY.test(other))) return "unclear";
  if (bearer === undefined) return other === undefined ? "none" : { key: other };
  return other === undefined || other === bearer ? { key: bearer } : "unclear";
}

/** A key has neither spaces nor commas, so that two of them never look like one. 512 characters at most. */
const KEY = /^[\x21-\x2b\x2d-\x7e]{1,512}$/;

/** Other schemes are a proxy's business and no key of ours. */
function bearerOf(authorization: string | undefined): string | "unclear" | undefined {
  if (authorization === undefined || !/^bearer(?:\s|$)/i.test(authorization)) return undefined;
  const key = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
  return key !== undefined && KEY.test(key) ? key : "unclear";
}
