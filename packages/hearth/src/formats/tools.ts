import { isObject, type JsonValue, type ToolSchema } from "../protocol/index.ts";

/** Tools as the parser takes them, from OpenAI's form (`{type, function}`), its flat form, or our own. What has no name is left out. */
export function toolSchemas(tools: JsonValue | undefined): ToolSchema[] {
  if (!Array.isArray(tools)) return [];
  return tools.flatMap((tool): ToolSchema[] => {
    const inner = isObject(tool) && isObject(tool.function) ? tool.function : tool;
    if (!isObject(inner) || typeof inner.name !== "string") return [];
    const description = typeof inner.description === "string" ? inner.description : "";
    const parameters = isObject(inner.parameters) ? inner.parameters : {};
    return [{ name: inner.name, description, parameters }];
  });
}
