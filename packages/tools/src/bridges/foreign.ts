import { type Tool, ToolDefinitionError, type ToolInput, toolOf } from "hearth";
import { freeName } from "../mcp/names.ts";
import { type BridgeOptions, declaredFor } from "./declare.ts";

/** A foreign tool, taken apart: what is left is to make it a tool of ours. */
export interface Foreign {
  name: string;
  description: string;
  /** JSON Schema, or a schema object with Standard JSON Schema. Undefined: no arguments are known. */
  parameters: unknown;
  run: Tool["run"];
}

/** Tools of ours from foreign ones: names that models take, schemas checked at the start, nothing believed of their effects. */
export async function toolsFrom(found: readonly Foreign[], options: BridgeOptions): Promise<Tool[]> {
  const taken = new Set(options.taken);
  const tools: Tool[] = [];
  for (const { name, description, parameters, run } of found) {
    const own = freeName(name, "tool", taken);
    taken.add(own);
    const definition = {
      name: own,
      description,
      parameters: parameters ?? { type: "object", properties: {} },
      run,
    };
    if (!isInput(definition))
      throw new ToolDefinitionError(`The tool ${name} has parameters that are no schema.`);
    tools.push({ ...(await toolOf(definition)), ...declaredFor(name, options) });
  }
  return tools;
}

/** What `toolOf` takes; it looks closer itself, and says what is wrong. */
function isInput(definition: Foreign): definition is Foreign & ToolInput {
  const { parameters } = definition;
  return (typeof parameters === "object" || typeof parameters === "function") && parameters !== null;
}

/** A property of an unknown value. */
export function field(value: unknown, key: string): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  return Reflect.get(value, key);
}

/** The first of these properties that is a text. */
export function textField(value: unknown, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const found = field(value, key);
    if (typeof found === "string" && found !== "") return found;
  }
  return undefined;
}

/** Calls a method with its object. */
export function callMethod(value: object, key: string, ...args: unknown[]): unknown {
  const method = field(value, key);
  if (typeof method !== "function") throw new ToolDefinitionError(`There is no ${key} to call.`);
  return Reflect.apply(method, value, args);
}
