import type { Tool } from "../protocol/index.ts";

const tools = new WeakSet<Tool>();

/**
 * Marks a tool whose own time limit counts even where it is longer than the run's for tools: a run inside the run, or a person
 * who is asked.
 */
export function selfBounded(tool: Tool & { timeoutMs: number }): Tool {
  tools.add(tool);
  return tool;
}

export function isSelfBounded(tool: Tool): boolean {
  return tools.has(tool);
}
