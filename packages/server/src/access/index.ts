/**
 * Who may do what over HTTP: keys, the gate in front of all routes, limits of each key, what a tenant and a key see.
 * Owns who asks and what follows from it. Does not own routes, runs or models: they ask here.
 */
export { AccessControl, type ControlOptions } from "./control.ts";
export { enter, requireDecider, requireNamed, requireProof } from "./enter.ts";
export { gate } from "./gate.ts";
export * from "./keys/index.ts";
export { type AccessLimits, DEFAULT_ACCESS_LIMITS, socketOptions } from "./limits.ts";
export { mayUse, OWN_AGENTS, requireAgent, requireModel, visible } from "./models.ts";
export { isLoopback } from "./names.ts";
export {
  type Access,
  hasScope,
  LOCAL,
  type Principal,
  principalOf,
  SCOPES,
  type Scope,
  setPrincipal,
  TOKEN_HOLDER,
} from "./principal.ts";
export { type AccessNote, tellRefusals } from "./refusals.ts";
