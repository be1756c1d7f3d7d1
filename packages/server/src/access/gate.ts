import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { type Failure, refused } from "../problem.ts";
import type { AccessControl } from "./control.ts";
import { credentialOf } from "./extract.ts";
import { digestOf, sameDigest } from "./keys/key.ts";
import { hostName } from "./names.ts";
import { LOCAL, type Principal, setPrincipal, TOKEN_HOLDER } from "./principal.ts";

interface Refused extends Failure {
  keyId?: string;
}

/** How long a browser may remember what it was told about another origin: ten minutes. */
const PREFLIGHT_S = "600";
/** Told when a handler behind the gate has refused. */
const REFUSALS: ReadonlySet<number> = new Set([401, 403, 429]);

/**
 * What every request passes before any route is looked for, known path or not: a Host that is ours (a page on another name may resolve to
 * this machine), no foreign origin, a key where keys exist, its rate, and JSON of a bearable size where a body is sent (a form can't send
 * that without asking).
 */
export function gate(control: AccessControl): MiddlewareHandler {
  const token = digestOf(control.token);
  return async (c, next) => {
    const stranger = wrongHost(c, control) ?? wrongOrigin(c, control);
    if (stranger !== undefined) return refuse(c, control, stranger);
    const origin = foreignOrigin(c);
    if (origin !== undefined) {
      if (c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined)
        return preflight(c, origin);
      share(c, origin);
    }
    if (!isPublic(c, control)) {
      const who = identify(c, control, token);
      if ("status" in who) return refuse(c, control, who);
      setPrincipal(c, who);
      const waitS = control.takeRequest(who);
      if (waitS !== undefined) return refuse(c, control, tooFast(who, waitS));
    }
    const wrong = wrongBody(c, control);
    if (wrong !== undefined) return refuse(c, control, wrong);
    await next();
    // Nobody reads the body of an answer to HEAD, so nobody would end what makes it.
    if (c.req.method === "HEAD") await c.res.body?.cancel();
    if (REFUSALS.has(c.res.status)) note(c, control, { status: c.res.status });
    return undefined;
  };
}

function wrongHost(c: Context, { hosts }: AccessControl): Refused | undefined {
  const host = c.req.header("host") ?? "";
  const target = (c.env as Partial<HttpBindings> | undefined)?.incoming?.url ?? "/";
  // A request may name the host in its first line too; what is there goes before the header (RFC 9112, 3.2.2).
  if (hosts.has(hostName(host)) && (target.startsWith("/") || hosts.has(hostName(new URL(c.req.url).host))))
    return undefined;
  return {
    status: 403,
    code: "host_not_allowed",
    message: `This server does not answer to the name "${host}".`,
    hint: "Start it with --allow-host NAME.",
  };
}

/** An origin that is not the one the request is addressed to. Behind a proxy that ends TLS the scheme differs, the name does not. */
function foreignOrigin(c: Context): string | undefined {
  const origin = c.req.header("origin");
  if (origin === undefined) return undefined;
  const own = URL.canParse(origin) && /^https?:$/.test(new URL(origin).protocol);
  return own && new URL(origin).host === c.req.header("host")?.toLowerCase() ? undefined : origin;
}

function wrongOrigin(c: Context, { origins }: AccessControl): Refused | undefined {
  const origin = foreignOrigin(c);
  if (origin !== undefined) {
    if (origins.has(origin.toLowerCase())) return undefined;
    return {
      status: 403,
      code: "origin_not_allowed",
      message: `Requests from ${origin} are not allowed.`,
      hint: "Start the server with --allow-origin ORIGIN.",
    };
  }
  // What a page embeds from elsewhere (a script, an image) names no origin; that the browser says so must do.
  const site = c.req.header("sec-fetch-site");
  if (c.req.header("origin") !== undefined || site === undefined) return undefined;
  if (site === "same-origin" || site === "none" || c.req.header("sec-fetch-mode") === "navigate")
    return undefined;
  return {
    status: 403,
    code: "origin_not_allowed",
    message: "Requests that other pages make are not allowed.",
  };
}

/** An allowed origin may ask: by its name, without cookies, and only it. */
function preflight(c: Context, origin: string): Response {
  const asked = c.req.header("access-control-request-headers");
  const local = c.req.header("access-control-request-private-network") === "true";
  return c.body(null, 204, {
    "access-control-allow-origin": origin,
    "access-control-allow-methods": "GET, POST, DELETE",
    "access-control-max-age": PREFLIGHT_S,
    vary: "Origin, Access-Control-Request-Headers",
    ...(asked !== undefined && /^[\w-]+(?:, ?[\w-]+)*$/.test(asked)
      ? { "access-control-allow-headers": asked }
      : {}),
    ...(local ? { "access-control-allow-private-network": "true" } : {}),
  });
}

function share(c: Context, origin: string): void {
  c.header("access-control-allow-origin", origin);
  c.header("access-control-expose-headers", "x-run-id, retry-after");
  c.header("vary", "Origin");
}

function isPublic(c: Context, control: AccessControl): boolean {
  const method = c.req.method === "HEAD" ? "GET" : c.req.method;
  return control.public.has(`${method} ${c.req.path}`);
}

function identify(c: Context, control: AccessControl, token: Buffer): Principal | Refused {
  const credential = credentialOf(c);
  const known = typeof credential === "object" ? credential.key : undefined;
  const digest = known === undefined ? undefined : digestOf(known);
  if (digest !== undefined && sameDigest(digest, token)) return TOKEN_HOLDER;
  // Clients send a key even where none is asked for.
  if (!control.ring.required) return LOCAL;
  const failure = {
    status: 401,
    hint: "Send `Authorization: Bearer KEY`; `hearth keys create` makes one.",
  } as const;
  if (credential === "none")
    return { ...failure, code: "key_required", message: "This service asks for a key." };
  if (known === undefined || digest === undefined)
    return { ...failure, code: "key_unclear", message: "The key can't be read, or there are two." };
  const found = control.ring.find(known, digest);
  if (found.state === "valid") {
    const { keyId = "", tenant } = found.principal;
    control.used(keyId, tenant, addressOf(c));
    return found.principal;
  }
  if (found.state === "unknown") return { ...failure, code: "key_wrong", message: "There is no such key." };
  const message = found.state === "expired" ? "This key has expired." : "This key was revoked.";
  return { ...failure, code: `key_${found.state}`, message, keyId: found.keyId };
}

function tooFast({ keyId }: Principal, waitS: number): Refused {
  return {
    status: 429,
    code: "rate_limited",
    message: "This key has sent too many requests in the last minute.",
    retryAfterS: waitS,
    ...(keyId === undefined ? {} : { keyId }),
  };
}

function wrongBody(c: Context, { limits }: AccessControl): Refused | undefined {
  const { method } = c.req;
  if (method === "GET" || method === "HEAD") return undefined;
  const type = c.req.header("content-type");
  const length = c.req.header("content-length") ?? "0";
  // Clients send no type with a body that is not there (OpenAI's, to cancel a response).
  const hasBody = type !== undefined || length !== "0" || c.req.header("transfer-encoding") !== undefined;
  if (!hasBody) return undefined;
  if (Number(length) > limits.maxBodyBytes)
    return {
      status: 413,
      code: "too_large",
      message: `A body may have ${limits.maxBodyBytes} bytes at most.`,
    };
  const coding = c.req.header("content-encoding") ?? "identity";
  if (/^application\/json *(?:;|$)/i.test(type ?? "") && coding.toLowerCase() === "identity")
    return undefined;
  return {
    status: 415,
    code: "json_required",
    message: "The body must be application/json, not compressed.",
    hint: "Send `Content-Type: application/json`.",
  };
}

function refuse(c: Context, control: AccessControl, { keyId, ...failure }: Refused): Response {
  note(c, control, { status: failure.status, code: failure.code, ...(keyId === undefined ? {} : { keyId }) });
  return refused(c, failure);
}

function note(
  c: Context,
  { refusals }: AccessControl,
  what: { status: number; code?: string; keyId?: string },
): void {
  const who: Principal | undefined = c.get("principal");
  const address = addressOf(c);
  refusals.add({
    ...what,
    method: c.req.method,
    path: c.req.path,
    ...(who?.keyId === undefined ? {} : { keyId: who.keyId, tenant: who.tenant }),
    ...(address === undefined ? {} : { address }),
  });
}

function addressOf(c: Context): string | undefined {
  return (c.env as Partial<HttpBindings> | undefined)?.incoming?.socket?.remoteAddress;
}
