/**
 * Engine care: several engines as one, by the names and abilities of their models; who is well, who is left alone for a while, who stands
 * in. Owns routing, health and the circuit breaker; itself an engine round engines. Knows nothing of HTTP, lines or runs.
 */
export { type BreakerState, began, failed, mayAsk, TRIP_AT, undecided, WELL } from "./breaker.ts";
export { EnginePausedError, Guarded } from "./guarded.ts";
export { type Candidate, type Way, waysTo } from "./route.ts";
export { type FirstEngine, tellHealth, upstreamsOf } from "./settings.ts";
export { HEALTH_EVERY_MS, type UpstreamOptions, Upstreams } from "./upstreams.ts";
