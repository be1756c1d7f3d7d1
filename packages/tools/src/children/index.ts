/**
 * Helper programs that talk in lines over stdin and stdout: MCP servers, the child that runs Python tools.
 * Owns how they are started (a small environment, a process group), read (bounded lines) and ended (nothing stays alive).
 * They run with the user's rights, for the user chose them: what a model chooses runs in sandbox/ instead.
 */
export { childEnvironment } from "./environment.ts";
export { type Ended, Group, type GroupOptions } from "./group.ts";
export { LineReader } from "./lines.ts";
export { Tail } from "./tail.ts";
