import { isObject, type JsonObject, type JsonValue, type ToolResult } from "hearth";
import { MCP_LIMITS } from "./types.ts";

/**
 * The result of `tools/call` as Hearth's: text for the model, what is no text named in a line of its own, images and
 * structured content in the details. Pieces that are none are left out with a word.
 */
export function toolResult(result: JsonObject): ToolResult {
  const details: JsonObject = {};
  const images: JsonObject[] = [];
  let imageBytes = 0;
  const parts: string[] = [];
  const blocks = Array.isArray(result["content"]) ? result["content"] : [];
  for (const block of blocks) {
    const part = isObject(block) ? partOf(block) : undefined;
    parts.push(part ?? "[a piece of the result that can't be read]");
    if (!isObject(block) || block["type"] !== "image") continue;
    const { data, mimeType } = block;
    if (typeof data !== "string" || typeof mimeType !== "string") continue;
    imageBytes += data.length;
    if (imageBytes <= MCP_LIMITS.imageBytes) images.push({ mediaType: mimeType, data });
  }
  const structured = result["structuredContent"];
  if (structured !== undefined) {
    const json = JSON.stringify(structured);
    if (json.length <= MCP_LIMITS.result) details["structured"] = structured;
    // The specification asks servers to say the same as text; this one did not.
    if (!blocks.some((block) => isObject(block) && block["type"] === "text")) parts.unshift(json);
  }
  if (images.length > 0) details["images"] = images;
  const { content, left } = bounded(parts.join("\n"));
  if (left > 0) details["leftOut"] = left;
  return {
    content,
    ok: result["isError"] !== true,
    ...(Object.keys(details).length === 0 ? {} : { details }),
  };
}

/** Head and tail of a text that is too long, and how many characters stood between. */
export function bounded(text: string, most: number = MCP_LIMITS.result): { content: string; left: number } {
  const left = text.length - most;
  if (left <= 0) return { content: text, left: 0 };
  const half = Math.floor(most / 2);
  const head = text.slice(0, half).toWellFormed();
  const tail = text.slice(text.length - half).toWellFormed();
  return { content: `${head}\n[… ${left.toLocaleString("en-US")} characters left out …]\n${tail}`, left };
}

/** One content block as text for the model; undefined for what is none. */
function partOf(block: JsonObject): string | undefined {
  switch (block["type"]) {
    case "text":
      return typeof block["text"] === "string" ? block["text"] : undefined;
    case "image":
    case "audio":
      return `[${block["type"]}: ${word(block["mimeType"])}, ${bytesOf(block["data"])}]`;
    case "resource":
      return isObject(block["resource"]) ? resourceText(block["resource"]) : undefined;
    case "resource_link": {
      const about = word(block["description"], 300);
      const kind = word(block["mimeType"]);
      return `[resource ${word(block["uri"], 500)}${kind === "?" ? "" : ` (${kind})`}${about === "?" ? "" : `: ${about}`}]`;
    }
    default:
      return undefined;
  }
}

/** The contents of a resource: its text, or what kind of bytes it has. */
export function resourceText(resource: JsonObject): string | undefined {
  const uri = word(resource["uri"], 500);
  if (typeof resource["text"] === "string") return `[resource ${uri}]\n${resource["text"]}`;
  if (typeof resource["blob"] !== "string") return undefined;
  return `[resource ${uri}: ${word(resource["mimeType"])}, ${bytesOf(resource["blob"])}, no text]`;
}

function word(value: JsonValue | undefined, most = 100): string {
  if (typeof value !== "string" || value === "") return "?";
  const line = value.replace(/\s+/g, " ");
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

/** The size of base64 data. */
function bytesOf(data: JsonValue | undefined): string {
  const bytes = typeof data === "string" ? Math.floor((data.length * 3) / 4) : 0;
  return bytes < 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024).toLocaleString("en-US")} KB`;
}
