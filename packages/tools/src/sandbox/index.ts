/**
 * Where programs of a model run: levels behind one interface, limits, the self-test, the emergency stop.
 * Owns isolation and says honestly what of it is in force. Does not own what may run (judge/, policy), nor the tools that
 * use it (programs/).
 */
export { findProgram, NODE_FOLDER, NODE_INSIDE } from "./bwrap.ts";
export { type ContainerOptions, containerSandbox } from "./container.ts";
export * from "./level.ts";
export { Output } from "./output.ts";
export { MAX_ENTRIES, scanProtected } from "./protected.ts";
export { runningNow } from "./run.ts";
export { sandboxRuntime } from "./runtime.ts";
export { seccompFilter } from "./seccomp.ts";
export * from "./stop.ts";
export * from "./types.ts";
export { descendants } from "./watch.ts";
