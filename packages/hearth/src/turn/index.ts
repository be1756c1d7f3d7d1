/**
 * One question to a model: which path to it, how it is asked, how its text is read.
 * Owns the plan per engine and model. Does not loop, run tools or keep state.
 */
export * from "./ask.ts";
export { describeModel } from "./describe.ts";
export * from "./profiles.ts";
export type { AskInput, Protocol, RawCall } from "./types.ts";
