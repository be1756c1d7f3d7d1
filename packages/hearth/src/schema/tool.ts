import {
  type Effect,
  type JsonObject,
  type JsonSchema,
  type Tool,
  type ToolContext,
  ToolDefinitionError,
} from "../protocol/index.ts";
import { definedTool } from "./define.ts";
import { describeFunctions } from "./source/describe.ts";
import type { AnyFunction, Described, Slot } from "./source/described.ts";
import { isStandard, type StandardSchema } from "./standard.ts";

/** A tool written out. `parameters` (or `input`) is JSON Schema, or a schema object with Standard JSON Schema (zod 4, arktype). */
export interface ToolDefinition<Args = JsonObject> {
  /** Letters, digits, `_` and `-`, at most 64: what every engine takes. */
  name: string;
  description?: string;
  /** Left out: the tool takes no arguments. */
  parameters?: JsonSchema | StandardSchema<unknown, Args>;
  /** Another word for `parameters`. */
  input?: JsonSchema | StandardSchema<unknown, Args>;
  run(args: Args, context: ToolContext): unknown;
  /** Default `once`: what is not declared harmless is treated as harmful. */
  effect?: Effect;
  reads?: "public" | "private";
  source?: "trusted" | "untrusted";
  egress?: boolean;
  /** Milliseconds one call may take. */
  timeoutMs?: number;
  /** Calls of this tool at once. */
  concurrency?: number;
}

/** A tool written out, whatever its arguments are. */
export interface AnyToolDefinition extends Omit<ToolDefinition<never>, "parameters" | "input"> {
  parameters?: JsonSchema | StandardSchema;
  input?: JsonSchema | StandardSchema;
}

/** What a list of tools may hold: plain functions, tools written out, tools ready to run. */
export type ToolInput = AnyFunction | AnyToolDefinition | Tool;

/**
 * Writes a tool out with the types of its arguments checked: those of the schema object, or `Args`.
 * It gives back what it was given; `toolOf` makes the tool.
 */
export function tool<Args = JsonObject>(definition: ToolDefinition<Args>): ToolDefinition<Args> {
  return definition;
}

/** A tool of anything that can be one. Raises `ToolDefinitionError` where it can't be described. */
export async function toolOf(value: ToolInput, name?: string): Promise<Tool> {
  const [made] = await makeTools([{ value, name }]);
  if (!made) throw new ToolDefinitionError("No tool was given.");
  return made;
}

/** Tools of a list, in its order; functions are described together, which is much faster than one by one. Names must differ. */
export async function toolsOf(values: readonly ToolInput[]): Promise<Tool[]> {
  const tools = await makeTools(values.map((value) => ({ value, name: undefined })));
  assertDistinct(tools);
  return tools;
}

export function assertDistinct(tools: readonly Tool[]): void {
  const seen = new Set<string>();
  for (const { name } of tools) {
    if (seen.has(name)) {
      throw new ToolDefinitionError(`Two tools have the name ${name}.`, {
        remedy: "Rename one of them, or leave it out.",
      });
    }
    seen.add(name);
  }
}

export async function makeTools(
  inputs: readonly { value: ToolInput; name: string | undefined }[],
): Promise<Tool[]> {
  const plain: { value: AnyFunction; name: string | undefined }[] = [];
  for (const { value, name } of inputs) if (isPlainFunction(value)) plain.push({ value, name });
  const described = await describeFunctions(plain);
  let next = 0;
  return inputs.map(({ value, name }, index) => {
    if (!isPlainFunction(value)) return definedTool(value, name, index);
    const own = described[next++];
    if (!own) throw new ToolDefinitionError(`${value.name} was not described.`);
    return functionTool(value, own);
  });
}

/** A schema object of arktype is a function too. */
function isPlainFunction(value: unknown): value is AnyFunction {
  return typeof value === "function" && !isStandard(value);
}

function functionTool(value: AnyFunction, { slots, ...described }: Described): Tool {
  const call = (parameters: readonly unknown[]): unknown => Reflect.apply(value, undefined, parameters);
  return {
    ...described,
    run(args, context) {
      const parameters = slots.flatMap((slot) => filled(slot, args, context));
      while (parameters.length > 0 && parameters.at(-1) === undefined) parameters.pop();
      return call(parameters);
    },
  };
}

function filled(slot: Slot, args: JsonObject, context: ToolContext): unknown[] {
  if (slot.kind === "whole") return [args];
  if (slot.kind === "context") return [context];
  if (slot.kind === "signal") return [context.signal];
  const value = own(args, slot.name);
  if (slot.kind === "field") return [value];
  return Array.isArray(value) ? value : [];
}

function own(args: JsonObject, key: string): unknown {
  return Object.hasOwn(args, key) ? args[key] : undefined;
}
