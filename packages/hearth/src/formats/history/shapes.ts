import type { JsonObject, JsonValue, ToolSchema } from "../../protocol/index.ts";

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

/** A tool in the OpenAI form; a description of every parameter, for some templates read it unasked. */
export function templateTool(tool: ToolSchema): JsonObject {
  return {
    type: "function",
    function: {
      name: tool.name,
      description: tool.description,
      parameters: withDescriptions(tool.parameters),
    },
  };
}

function withDescriptions(schema: JsonObject): JsonObject {
  const properties = schema["properties"];
  const out: JsonObject = { ...schema, type: schema["type"] ?? "object" };
  if (typeof properties !== "object" || properties === null || Array.isArray(properties))
    return { ...out, properties: {} };
  return out;
}
