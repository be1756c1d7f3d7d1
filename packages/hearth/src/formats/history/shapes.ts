import { isObject, type JsonObject, type JsonValue, type ToolSchema } from "../../protocol/index.ts";

/** A message as chat templates know it (the OpenAI form with the fields that Transformers added). */
export interface TemplateMessage {
  role: string;
  content?: JsonValue;
  tool_calls?: TemplateCall[];
  tool_call_id?: string;
  name?: string;
  /** Thinking, under the name this template reads. */
  [field: string]: unknown;
}

export interface TemplateCall {
  id: string;
  type: "function";
  function: { name: string; arguments: JsonObject | string };
}

/** What a template is given. */
export interface TemplateInput {
  messages: TemplateMessage[];
  tools?: JsonObject[];
  add_generation_prompt: boolean;
  [name: string]: unknown;
}

/** A tool in the OpenAI form. Some templates read `type` and `properties` unasked, so they are always there. */
export function templateTool(tool: ToolSchema): JsonObject {
  const { name, description, parameters } = tool;
  const properties = parameters["properties"];
  const whole: JsonObject = { ...parameters, type: parameters["type"] ?? "object" };
  if (properties === undefined || !isObject(properties)) whole["properties"] = {};
  return { type: "function", function: { name, description, parameters: whole } };
}

/** The tool with a description, if an empty one, for every parameter: Command R+ reads them unasked. */
export function described(tool: ToolSchema): ToolSchema {
  const properties = tool.parameters["properties"];
  if (properties === undefined || !isObject(properties)) return tool;
  const filled = Object.entries(properties).map(([key, schema]) => [
    key,
    schema !== undefined && isObject(schema)
      ? { ...schema, description: schema["description"] ?? "" }
      : schema,
  ]);
  return { ...tool, parameters: { ...tool.parameters, properties: Object.fromEntries(filled) } };
}
