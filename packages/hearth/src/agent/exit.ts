import { AsyncLocalStorage } from "node:async_hooks";
import { ToolError } from "../protocol/index.ts";

const running = new AsyncLocalStorage<string>();
let active = 0;
let original: typeof process.exit | undefined;

/**
 * Runs a tool so that a `process.exit` inside it fails the call instead of ending the whole program.
 * The global is replaced only while tools run, and only calls from inside a tool are caught.
 */
export async function withoutExit<T>(toolName: string, body: () => Promise<T>): Promise<T> {
  if (active++ === 0) {
    original = process.exit;
    process.exit = guarded;
  }
  try {
    return await running.run(toolName, body);
  } finally {
    if (--active === 0 && original !== undefined && process.exit === guarded) process.exit = original;
  }
}

function guarded(...given: Parameters<typeof process.exit>): never {
  const tool = running.getStore();
  if (tool !== undefined)
    throw new ToolError(`${tool} tried to end the whole program (exit ${given[0] ?? 0}).`);
  // As it was called: an argument that is there, though undefined, would take `process.exitCode` away.
  return original!.apply(process, given);
}
