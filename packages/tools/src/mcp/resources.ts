import { isObject, type JsonObject, type Tool, ToolError, type ToolResult } from "hearth";
import { cleanText } from "./clean.ts";
import type { McpConnection } from "./connection.ts";
import { bounded, resourceText } from "./content.ts";
import { declared, listAll } from "./tools.ts";

/** A thing that a server offers to be read. */
export interface McpResource {
  server: string;
  uri: string;
  name: string;
  description: string;
  mimeType?: string;
  /** A pattern with `{parts}` to be filled in, no address yet. */
  template?: true;
}

/** A prompt that a server offers, with what it takes. */
export interface McpPrompt {
  server: string;
  name: string;
  description: string;
  arguments: { name: string; description: string; required: boolean }[];
}

/** Resources named in the description of the tool that reads them; the others are in its list. */
const NAMED = 10;

export async function listResources(connection: McpConnection, signal?: AbortSignal): Promise<McpResource[]> {
  if (!connection.offers("resources")) return [];
  const { items } = await listAll(connection, "resources/list", "resources", signal);
  // Servers without templates refuse the question.
  const templates = await listAll(connection, "resources/templates/list", "resourceTemplates", signal).catch(
    () => ({
      items: [],
    }),
  );
  return [...items, ...templates.items].flatMap((item) => {
    if (!isObject(item)) return [];
    const template = typeof item["uriTemplate"] === "string";
    const uri = template ? item["uriTemplate"] : item["uri"];
    if (typeof uri !== "string" || uri === "") return [];
    const { mimeType } = item;
    return [
      {
        server: connection.name,
        uri,
        name: textOf(item["title"] ?? item["name"], 100),
        description: textOf(item["description"], 300),
        ...(typeof mimeType === "string" ? { mimeType: cleanText(mimeType, 100) } : {}),
        ...(template ? { template } : {}),
      },
    ];
  });
}

/** The contents of a resource, as text for a model. */
export async function readResource(
  connection: McpConnection,
  uri: string,
  signal?: AbortSignal,
): Promise<ToolResult> {
  const result = await connection.request("resources/read", { uri }, signal === undefined ? {} : { signal });
  const contents = Array.isArray(result["contents"]) ? result["contents"] : [];
  const parts = contents.map(
    (one) => (isObject(one) ? resourceText(one) : undefined) ?? "[contents that can't be read]",
  );
  const { content, left } = bounded(parts.join("\n"));
  return left === 0 ? { content } : { content, details: { leftOut: left } };
}

export async function listPrompts(connection: McpConnection, signal?: AbortSignal): Promise<McpPrompt[]> {
  if (!connection.offers("prompts")) return [];
  const { items } = await listAll(connection, "prompts/list", "prompts", signal);
  return items.flatMap((item) => {
    if (!isObject(item) || typeof item["name"] !== "string") return [];
    const given = Array.isArray(item["arguments"]) ? item["arguments"] : [];
    return [
      {
        server: connection.name,
        name: item["name"],
        description: textOf(item["description"] ?? item["title"], 300),
        arguments: given.flatMap((one) =>
          isObject(one) && typeof one["name"] === "string"
            ? [
                {
                  name: one["name"],
                  description: textOf(one["description"], 300),
                  required: one["required"] === true,
                },
              ]
            : [],
        ),
      },
    ];
  });
}

/** A prompt filled in: the texts of its messages, each under the role that speaks it. */
export async function getPrompt(
  connection: McpConnection,
  name: string,
  args: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<{ role: "user" | "assistant"; text: string }[]> {
  const params: JsonObject = { name, arguments: { ...args } };
  const result = await connection.request("prompts/get", params, signal === undefined ? {} : { signal });
  const messages = Array.isArray(result["messages"]) ? result["messages"] : [];
  return messages.flatMap((message) => {
    if (!isObject(message) || !isObject(message["content"])) return [];
    const { content } = message;
    const body = isObject(content["resource"]) ? resourceText(content["resource"]) : content["text"];
    if (typeof body !== "string") return [];
    return [{ role: message["role"] === "assistant" ? "assistant" : "user", text: body }];
  });
}

/**
 * The tool that reads resources of all servers; none where there is nothing to read. Reading is what its server says it is,
 * so it is as untrusted as any tool of the server.
 */
export async function resourceTool(
  connections: readonly McpConnection[],
  name: string,
  signal?: AbortSignal,
): Promise<Tool | undefined> {
  const lists = await Promise.all(connections.map((one) => listResources(one, signal).catch(() => [])));
  const all = lists.flat();
  if (all.length === 0) return undefined;
  const line = ({ uri, name: title, description }: McpResource): string =>
    `${cleanText(uri, 200)}${title === "" ? "" : ` (${title})`}${description === "" ? "" : `: ${description}`}`;
  const more = all.length > NAMED ? ` Without uri: all ${all.length} of them.` : "";
  return {
    name,
    description: `Reads a resource by its uri.${more} There are:\n${all.slice(0, NAMED).map(line).join("\n")}`,
    parameters: {
      type: "object",
      properties: { uri: { type: "string", description: "Its address; none lists all there are." } },
      additionalProperties: false,
    },
    ...declared(
      { readOnlyHint: true },
      connections.every((one) => one.server.trustHints === true),
    ),
    async run({ uri }, { signal: stop }) {
      if (typeof uri !== "string" || uri === "") return bounded(all.map(line).join("\n")).content;
      const owner = all.find((one) => one.uri === uri)?.server;
      const offering = connections.filter(
        (one) => one.offers("resources") && (owner ?? one.name) === one.name,
      );
      let last: unknown;
      for (const connection of offering) {
        try {
          return await readResource(connection, uri, stop);
        } catch (error) {
          stop.throwIfAborted();
          last = error;
        }
      }
      throw last ?? new ToolError("No server can be asked for resources now.");
    },
  };
}

function textOf(value: unknown, most: number): string {
  return typeof value === "string" ? cleanText(value.replace(/\s+/g, " "), most) : "";
}
