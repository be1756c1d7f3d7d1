/** Who runs when: a bounded line in front of an engine. Owns order and bounds; knows nothing of HTTP or of models. */
export * from "./queued.ts";
export * from "./slots.ts";
