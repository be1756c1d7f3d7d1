import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** An error as this service answers it (interface.md, HTTP). */
export function problem(
  c: Context,
  status: ContentfulStatusCode,
  code: string,
  message: string,
  hint?: string,
  headers: Record<string, string> = {},
): Response {
  return c.json({ error: { code, message, ...(hint === undefined ? {} : { hint }) } }, status, headers);
}
