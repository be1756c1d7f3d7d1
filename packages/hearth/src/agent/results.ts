import { errorInfo, isObject, type JsonObject, type ToolResult } from "../protocol/index.ts";

/** What a model sees where a tool gave nothing back: an empty result makes small models call again. */
const NOTHING = "(no output)";

/** Whatever a tool returned, as a result: see `Tool.run`. */
export function normalizeResult(value: unknown): ToolResult & { ok: boolean } {
  if (value === undefined || value === null || value === "") return { ok: true, content: NOTHING };
  if (typeof value === "string") return { ok: true, content: value };
  if (Array.isArray(value) && value.length === 2 && typeof value[0] === "boolean") {
    return { ...normalizeResult(value[1]), ok: value[0] };
  }
  if (isToolResult(value)) {
    const result: ToolResult & { ok: boolean } = { ok: value.ok ?? true, content: value.content || NOTHING };
    if (value.details !== undefined) result.details = value.details;
    return result;
  }
  return { ok: true, content: jsonText(value) };
}

/** What a tool threw, for the model: the message, the cause, never the stack. */
export function failedResult(error: unknown): ToolResult & { ok: false } {
  if (!(error instanceof Error)) return { ok: false, content: `Error: ${jsonText(error)}` };
  const info = errorInfo(error);
  const cause = info.causes?.[0] === undefined ? "" : ` (${info.causes[0]})`;
  const remedy = info.remedy === undefined ? "" : ` ${info.remedy}`;
  return {
    ok: false,
    content: `Error: ${error.message || error.name}${cause}.${remedy}`.replace(/([.!?])\.(?=\s|$)/, "$1"),
  };
}

function isToolResult(value: unknown): value is { content: string; ok?: boolean; details?: JsonObject } {
  if (!isObject(value) || typeof value["content"] !== "string") return false;
  if (value["ok"] !== undefined && typeof value["ok"] !== "boolean") return false;
  if (value["details"] !== undefined && !isObject(value["details"])) return false;
  return Object.keys(value).every((key) => key === "content" || key === "ok" || key === "details");
}

/** JSON of any value; what JSON can't say is said as text. */
function jsonText(value: unknown): string {
  try {
    const json = JSON.stringify(value, (_key, item: unknown) =>
      typeof item === "bigint" ? String(item) : item,
    );
    return json ?? String(value);
  } catch {
    return String(value);
  }
}
