/** Hearth as a library: agents, engines, tools, formats, and the vocabulary they share. */
export * from "./agent/index.ts";
export * from "./context/index.ts";
export * from "./engines/index.ts";
export * from "./journal/index.ts";
export * from "./policy/index.ts";
export * from "./protocol/index.ts";
export * from "./schema/index.ts";
export * from "./turn/index.ts";
