/**
 * What a conversation is: messages, blocks, calls, tools, events, outcomes, errors.
 * Owns the vocabulary and its laws. Does no I/O, imports nothing.
 */
export * from "./errors.ts";
export * from "./events.ts";
export * from "./json.ts";
export * from "./messages.ts";
export * from "./outcome.ts";
export * from "./tools.ts";
export * from "./usage.ts";
