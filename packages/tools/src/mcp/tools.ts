import {
  isObject,
  type JsonObject,
  type JsonValue,
  type Tool,
  type ToolContext,
  type ToolResult,
} from "hearth";
import { cleanSchema, cleanText } from "./clean.ts";
import type { McpConnection } from "./connection.ts";
import { toolResult } from "./content.ts";
import { McpConnectionError, McpOutcomeUnknownError, McpRequestError } from "./failures.ts";
import { freeName } from "./names.ts";
import { MCP_LIMITS, MCP_TIMES } from "./types.ts";

/** Tools of one server, and what of it was left out or renamed, in words. */
export interface Listed {
  tools: Tool[];
  notices: string[];
}

/** All items of a list that comes in pages; a list without end, or one that goes in circles, ends too. */
export async function listAll(
  connection: McpConnection,
  method: string,
  key: string,
  signal?: AbortSignal,
): Promise<{ items: JsonValue[]; whole: boolean }> {
  const items: JsonValue[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < MCP_LIMITS.pages; page++) {
    const params: JsonObject = cursor === undefined ? {} : { cursor };
    const options = { timeoutMs: MCP_TIMES.list, ...(signal === undefined ? {} : { signal }) };
    const result = await connection.request(method, params, options);
    const found = result[key];
    if (Array.isArray(found)) items.push(...found.slice(0, 10_000));
    const next = result["nextCursor"];
    if (typeof next !== "string" || next === "") return { items, whole: true };
    if (seen.has(next)) break;
    seen.add(next);
    cursor = next;
  }
  return { items, whole: false };
}

/** The tools that a server offers now, as Hearth's. Whatever is wrong with one of them is no reason to lose the others. */
export async function serverTools(
  connection: McpConnection,
  taken: Iterable<string>,
  signal?: AbortSignal,
): Promise<Listed> {
  const notices: string[] = [];
  const tools: Tool[] = [];
  if (!connection.offers("tools")) return { tools, notices };
  const { items, whole } = await listAll(connection, "tools/list", "tools", signal);
  const { name: server } = connection;
  if (!whole)
    notices.push(`The list of tools of ${server} does not end; the first ${items.length} were read.`);
  const names = new Set(taken);
  const originals = new Set<string>();
  for (const item of items) {
    if (tools.length === MCP_LIMITS.tools) {
      notices.push(`${server} offers more than ${MCP_LIMITS.tools} tools; the others are left out.`);
      break;
    }
    const made = isObject(item) ? toolOfServer(item, connection, names) : { fault: "it is no object" };
    const original = isObject(item) && typeof item["name"] === "string" ? item["name"] : "?";
    if ("fault" in made) notices.push(`The tool ${shown(original)} of ${server} is left out: ${made.fault}.`);
    else if (originals.has(original))
      notices.push(`${server} names two tools ${shown(original)}; the first counts.`);
    else {
      originals.add(original);
      names.add(made.tool.name);
      tools.push(made.tool);
      if (made.tool.name !== original)
        notices.push(`The tool ${shown(original)} of ${server} is called ${made.tool.name}.`);
      if (made.cut)
        notices.push(`The description of ${made.tool.name} of ${server} is cut: it is very long.`);
    }
  }
  return { tools, notices };
}

function toolOfServer(
  item: JsonObject,
  connection: McpConnection,
  taken: ReadonlySet<string>,
): { tool: Tool; cut: boolean } | { fault: string } {
  const { name, description, title } = item;
  if (typeof name !== "string" || name === "" || name.length > 256)
    return { fault: "it has no name that can be used" };
  const checked = cleanSchema(item["inputSchema"]);
  if ("fault" in checked) return checked;
  const about = typeof description === "string" && description.trim() !== "" ? description : title;
  const text = typeof about === "string" ? about : "";
  const tool: Tool = {
    name: freeName(name, connection.name, taken),
    description: cleanText(text, MCP_LIMITS.description),
    parameters: checked.schema,
    ...declared(item["annotations"], connection.server.trustHints ?? false),
    run: (args, context) => call(connection, name, args, context),
  };
  return { tool, cut: text.trim().length > MCP_LIMITS.description };
}

/**
 * What a tool may be taken for. Its server's word can't make it look more harmless than an unknown program is; only where the
 * user trusts that word does it count, and what it returns stays untrusted and private even then.
 */
export function declared(
  annotations: JsonValue | undefined,
  trusted: boolean,
): Required<Pick<Tool, "effect" | "reads" | "source" | "egress">> {
  const strict = { effect: "once", reads: "private", source: "untrusted", egress: true } as const;
  if (!trusted || !isObject(annotations)) return strict;
  const { readOnlyHint, idempotentHint, destructiveHint, openWorldHint } = annotations;
  const reads = readOnlyHint === true && destructiveHint !== true;
  return {
    ...strict,
    effect: reads ? "none" : idempotentHint === true ? "idempotent" : "once",
    egress: openWorldHint !== false,
  };
}

async function call(
  connection: McpConnection,
  name: string,
  args: JsonObject,
  { signal, output }: ToolContext,
): Promise<ToolResult> {
  try {
    const result = await connection.request(
      "tools/call",
      { name, arguments: args },
      { signal, onProgress: output },
    );
    return toolResult(result);
  } catch (error) {
    if (error instanceof McpOutcomeUnknownError) return failed(error, { outcome: "unknown" });
    if (error instanceof McpConnectionError || error instanceof McpRequestError) return failed(error, {});
    throw error;
  }
}

function failed({ message, remedy }: McpConnectionError, details: JsonObject): ToolResult {
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  return { ok: false, content: remedy === undefined ? sentence : `${sentence} ${remedy}`, details };
}

function shown(name: string): string {
  return JSON.stringify(cleanText(name, 80));
}
