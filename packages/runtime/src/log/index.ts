/**
 * What happens, written down for whoever debugs: prompts, answers, events; secrets masked.
 * Owns the debug log. Does not own the journal, which is the truth about a run.
 */
export { type DebugLog, debugLog } from "./debug.ts";
export { loggedEngine } from "./engine.ts";
