import type { MiddlewareHandler } from "hono";
import { problem } from "./problem.ts";

/** Largest request body in bytes. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * What every request must pass: a Host that is ours (a page on another name may resolve to this machine), no foreign Origin
 * (browsers send one with cross-site requests), and JSON where a body is sent (a form can't forge that without asking).
 */
export function guard(allowedHosts: readonly string[]): MiddlewareHandler {
  const known = new Set([...LOOPBACK, ...allowedHosts.map((host) => host.toLowerCase())]);
  const isKnown = (host: string): boolean => known.has(host.toLowerCase().replace(/:\d+$/, ""));
  return async (c, next) => {
    const host = c.req.header("host") ?? "";
    if (!isKnown(host)) {
      return problem(
        c,
        403,
        "host_not_allowed",
        `This server does not answer to the name "${host}".`,
        "Start it with --allow-host NAME.",
      );
    }
    const origin = c.req.header("origin");
    if (origin !== undefined && (!URL.canParse(origin) || !isKnown(new URL(origin).host))) {
      return problem(c, 403, "origin_not_allowed", `Requests from ${origin} are not allowed.`);
    }
    if (c.req.method === "POST") {
      if (hasBody(c.req.raw.headers) && !/^application\/json\b/i.test(c.req.header("content-type") ?? "")) {
        return problem(
          c,
          415,
          "json_required",
          "The body must be application/json.",
          "Send `Content-Type: application/json`.",
        );
      }
      if (Number(c.req.header("content-length") ?? 0) > MAX_BODY_BYTES) {
        return problem(c, 413, "too_large", `A body may have ${MAX_BODY_BYTES} bytes at most.`);
      }
    }
    return next();
  };
}

/** Clients send no type with a body that is not there (OpenAI's, to cancel a response). */
function hasBody(headers: Headers): boolean {
  return (
    headers.has("content-type") ||
    headers.has("transfer-encoding") ||
    (headers.get("content-length") ?? "0") !== "0"
  );
}
