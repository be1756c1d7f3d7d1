/**
 * How the service is run: health, draining, the log, changes while it runs, going on after a restart.
 * Owns when work is refused, awaited and handed on, and the lines of the log. Does not own the work itself, nor the figures.
 */
export { type CheckResult, check } from "./checks.ts";
export type { Drained } from "./drain.ts";
export { lifetime } from "./lifetime.ts";
export { createLog, LOG_LEVELS, type Log, type LogForm, type LogLevel } from "./log.ts";
export { Operations, type OperationsOptions, type SpanSink } from "./operations.ts";
export { mayGoOn } from "./resume.ts";
export { logOf, type Reloaded, reload } from "./settings.ts";
