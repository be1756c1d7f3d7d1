/**
 * Level L0: Python and JavaScript in interpreters that have nothing to take away (no files, network, processes), in a child
 * process of ours that can be killed. Owns the children and their protocol. Does not own escalation to the sandbox (programs/).
 */
export * from "./pool.ts";
export { type Job, type JobResult, type Language, OPERATIONS } from "./protocol.ts";
