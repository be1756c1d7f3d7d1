/**
 * Who gets the GPU: a line in front of each engine host, model by model, fair between tenants, with a bound on each wait. Owns order,
 * bounds, places and estimates; itself an engine round an engine. Knows nothing of HTTP, of runs' contents, or of which engine to ask.
 */
export { decide } from "./decide.ts";
export { EMPTY } from "./draft.ts";
export { DeadlineError, QueueFullError, WaitTimeoutError } from "./errors.ts";
export { type Place, places } from "./estimate.ts";
export {
  type Asker,
  type Entry,
  Host,
  type HostOptions,
  type ModelView,
  type SchedulerMeter,
} from "./host.ts";
export {
  type Admission,
  DEFAULT_LIMITS,
  type QueueState,
  Scheduler,
  type SchedulerLimits,
  type Visit,
} from "./hosts.ts";
export { queueOf } from "./settings.ts";
export { boundsOf } from "./shares.ts";
export * from "./types.ts";
