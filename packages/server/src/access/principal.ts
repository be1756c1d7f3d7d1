import type { Context } from "hono";

/** Who asks. Everything a request may see or use follows from it. */
export interface Principal {
  /** Whose runs, sessions and responses it sees: reads are filtered by it. */
  tenant: string;
  /** Of the key it came with; absent for the person at this machine. */
  keyId?: string;
}

/** The person at this machine, where no keys exist. */
export const LOCAL: Principal = { tenant: "local" };

/** Who asks by this request. */
export function principalOf(c: Context): Principal {
  return c.get("principal") ?? LOCAL;
}
