import type { Context } from "hono";
import { RequestError } from "../problem.ts";
import { requireModel } from "./models.ts";
import { type Access, hasScope, type Principal, principalOf } from "./principal.ts";

/** What a route says of who may call it. */
interface Door {
  access: Access;
  /** Asks for a key or the token where no keys exist, too. */
  token?: boolean;
}

/** Who calls a route, if that one may; nobody for a public one. Raises 401 and 403. */
export function enter(c: Context, { access, token }: Door): Principal | undefined {
  if (access === "public") return undefined;
  const principal = principalOf(c);
  if (token === true) requireProof(c);
  if (access !== "key" && !hasScope(principal, access))
    throw new RequestError(403, `This key may not do that: it lacks the scope "${access}".`, {
      code: "scope_missing",
      remedy: `\`hearth keys create --scope ${access}\` makes one that may.`,
    });
  return principal;
}

/** Raises 401 unless the request came with a key, or with the token that was printed at start. */
export function requireProof(c: Context): void {
  if (principalOf(c).proven) return;
  const given = c.req.header("authorization") ?? c.req.header("x-api-key");
  throw new RequestError(401, given === undefined ? "This needs a token." : "This token is not right.", {
    code: "token_required",
    remedy: "Send `Authorization: Bearer TOKEN` with the token that `hearth serve` printed at start.",
  });
}

/** As `requireProof`, and that it may decide about calls of tools. */
export function requireDecider(c: Context): void {
  enter(c, { access: "tools", token: true });
}

/**
 * Raises 403 where the body names a model that the key may not use. Every wire's bodies pass here, so that no route can forget it: they call
 * the model `model`, or `name` in older forms.
 */
export function requireNamed(principal: Principal, body: unknown): void {
  if (principal.models === undefined && principal.agents === undefined && hasScope(principal, "agents"))
    return;
  if (typeof body !== "object" || body === null) return;
  for (const field of ["model", "name"]) {
    const value: unknown = Reflect.get(body, field);
    if (typeof value === "string" && value !== "") requireModel(principal, value);
  }
}
