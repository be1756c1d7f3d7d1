import { type Tool, ToolDefinitionError, type ToolInput, toolOf } from "hearth";
import { freeName } from "../mcp/names.ts";
import { type BridgeOptions, declaredFor } from "./declare.ts";
import { zod3Schema } from "./zod3.ts";

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
      parameters: zod3Schema(parameters) ?? parameters ?? { type: "object", properties: {} },
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
