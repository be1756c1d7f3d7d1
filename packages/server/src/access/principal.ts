import type { Context } from "hono";
import type { KeyLimits } from "./keys/limits.ts";

/** What a key may do; `admin` may do all of it. */
export const SCOPES = ["models", "agents", "tools", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * What a route asks of who calls it. `public`: nothing, not even a key; for probes that tell nothing. `key`: any key. A scope: a key
 * with it. Where no keys exist the person at this machine has them all.
 */
export type Access = "public" | "key" | Scope;

/** Who asks. Everything a request may see or use follows from it. */
export interface Principal {
  /** Whose runs, sessions and responses it sees: reads are filtered by it. */
  tenant: string;
  /** Of the key it came with; absent for the person at this machine, and for the token printed at start. */
  keyId?: string;
  scopes: ReadonlySet<Scope>;
  /** It came with a key or with the token. Approvals, resume and stop ask for that on loopback too. */
  proven: boolean;
  /** Names of the models it may use; absent: all. */
  models?: ReadonlySet<string>;
  /** Names of the agents it may use, without `agent:`; absent: all. */
  agents?: ReadonlySet<string>;
  /** Its own limits, where the key has some. */
  limits?: KeyLimits;
}

const ALL: ReadonlySet<Scope> = new Set(SCOPES);

/** The person at this machine, where no keys exist. */
export const LOCAL: Principal = { tenant: "local", scopes: ALL, proven: false };

/** Whoever holds the token that `hearth serve` prints at start. */
export const TOKEN_HOLDER: Principal = { tenant: "local", scopes: ALL, proven: true };

const NAME = "principal";

/** Who asks by this request. Raises where no gate stands in front of the route: nobody is let through by mistake. */
export function principalOf(c: Context): Principal {
  const found: Principal | undefined = c.get(NAME);
  if (found === undefined) throw new Error("This route was reached without passing the gate.");
  return found;
}

export function setPrincipal(c: Context, principal: Principal): void {
  c.set(NAME, principal);
}

export function hasScope({ scopes }: Principal, scope: Scope): boolean {
  return scopes.has(scope) || scopes.has("admin");
}
