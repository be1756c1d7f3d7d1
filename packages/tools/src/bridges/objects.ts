import { isObject, type Tool, ToolDefinitionError, toolOf } from "hearth";
import type { BridgeOptions } from "./declare.ts";
import { callMethod, field, textField } from "./fields.ts";
import { type Foreign, toolsFrom } from "./foreign.ts";

/**
 * Tools of objects with `execute(args)` and perhaps `get_schema()` (mindX's manner); a result `[ok, data]` is taken apart by
 * the loop. A schema that is missing is read from the types of `execute`, a missing name is that of the class, missing
 * parameters are an empty object.
 * @throws ToolDefinitionError for an object without `execute`
 */
export async function objectTools(objects: readonly object[], options: BridgeOptions = {}): Promise<Tool[]> {
  return toolsFrom(await Promise.all(objects.map(taken)), options);
}

async function taken(thing: object): Promise<Foreign> {
  const className = thing.constructor?.name ?? "tool";
  if (typeof field(thing, "execute") !== "function") {
    throw new ToolDefinitionError(`${className} has no execute(args).`, {
      remedy: "Give objects with execute, and get_schema where they have one.",
    });
  }
  const getter = ["get_schema", "getSchema"].find((key) => typeof field(thing, key) === "function");
  const told: unknown = getter === undefined ? undefined : await callMethod(thing, getter);
  const inner = isObject(told) && isObject(told["function"]) ? told["function"] : told;
  const known = told === undefined ? await readTypes(thing) : undefined;
  return {
    name: textField(inner, "name") ?? textField(thing, "name") ?? className,
    description:
      textField(inner, "description") ?? textField(thing, "description") ?? known?.description ?? "",
    parameters: known?.parameters ?? parametersOf(inner),
    run: (args) => callMethod(thing, "execute", args),
  };
}

/** The parameters in what a system calls its schema: of OpenAI, Anthropic, MCP, or the schema itself. */
function parametersOf(told: unknown): unknown {
  for (const key of ["parameters", "input_schema", "inputSchema", "args_schema"]) {
    const found = field(told, key);
    if (found !== undefined && found !== null) return found;
  }
  return field(told, "type") === "object" ? told : undefined;
}

/** What the types and the comment of `execute` say, where they can be read: its one parameter is the arguments object. */
async function readTypes(thing: object): Promise<Pick<Tool, "description" | "parameters"> | undefined> {
  const execute = field(thing, "execute");
  if (typeof execute !== "function") return undefined;
  const call = (...args: unknown[]): unknown => Reflect.apply(execute, thing, args);
  try {
    return await toolOf(isPlain(execute) ? execute : call, "execute");
  } catch (error) {
    // A function without types: anything may be in its arguments.
    if (error instanceof ToolDefinitionError) return undefined;
    throw error;
  }
}

function isPlain(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === "function";
}
