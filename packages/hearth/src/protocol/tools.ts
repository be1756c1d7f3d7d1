import type { JsonObject, JsonSchema } from "./json.ts";

/** What the model is told of a tool. */
export interface ToolSchema {
  name: string;
  description: string;
  /** Schema of the arguments object; closed (`additionalProperties: false`) where Hearth made it. */
  parameters: JsonSchema;
}

/**
 * What a prompt holds that counts for what may be done next: text that somebody else wrote, data that is private. Each names the tool
 * that brought it first.
 */
export interface Taint {
  untrusted?: string;
  private?: string;
}

/**
 * What running a tool does to the world:
 * `none` only looks; `idempotent` may be run again with the same outcome; `once` must never run twice.
 */
export type Effect = "none" | "idempotent" | "once";

export interface ToolContext {
  /** Fires on cancel, timeout and emergency stop, and once the call is over; a tool that ignores it is abandoned and its process killed. */
  signal: AbortSignal;
  runId: string;
  callId: string;
  /** The folder the run works in, absolute. */
  workspace: string;
  /** Shows output while the tool runs (`call.output`). */
  output(text: string): void;
  /** What the prompt held from which this call was made. Left out: nothing that counts. */
  taint?: Taint;
  /** Says what the result brings beside what the tool declares: what a run inside this one has read. */
  addTaint?(taint: Taint): void;
}

/** `content` is for the model, `details` for people and programs. */
export interface ToolResult {
  content: string;
  details?: JsonObject;
  /** False when the tool ran but failed. Default true. */
  ok?: boolean;
}

export interface Tool extends ToolSchema {
  /**
   * Runs the tool. Besides a `ToolResult`, any JSON value may be returned: a string is taken as it is, `[false, x]` and
   * `[true, x]` are read as (ok, data) pairs, all else is shown to the model as JSON. What it throws becomes a failed result.
   */
  run(args: JsonObject, context: ToolContext): unknown;
  /** Default `once`: what is not declared harmless is treated as harmful. */
  effect?: Effect;
  /** Whether what it reads may be private. Default `private`. */
  reads?: "public" | "private";
  /**
   * Whether what it returns was written by somebody who may be hostile. Tools of MCP servers and bridges are always `untrusted`; a
   * function of the program's own that says nothing is taken at the program's word.
   */
  source?: "trusted" | "untrusted";
  /** Whether data can leave the machine through it. Default true. */
  egress?: boolean;
  /** Milliseconds one call may take; the run's tool timeout where left out. */
  timeoutMs?: number;
  /** Calls of this tool at once; the run's `maxParallel` where left out. */
  concurrency?: number;
}

/** The schema part of a tool, in the order in which it is sent. */
export function schemaOf(tool: ToolSchema): ToolSchema {
  return { name: tool.name, description: tool.description, parameters: tool.parameters };
}

/** `auto` the model decides, `none` no call, `required` some call, `{name}` this one. */
export type ToolChoice = "auto" | "none" | "required" | { name: string };

/** What an answer must follow where the engine takes raw text. */
export interface OutputGrammar {
  gbnf: string;
  /** In force only from the end of this text on. */
  trigger?: string;
  /** Added to the logit of this text's first token, which makes an answer that begins with it more or less likely. Engines that can't, leave it. */
  bias?: { text: string; logit: number };
}
