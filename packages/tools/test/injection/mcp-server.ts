/** An MCP server on stdio whose tickets are written by anybody, and that can post: it notes what was posted. Arguments: folder, note file. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

interface Request {
  id?: number | string;
  method?: string;
  params?: { name?: string; arguments?: Record<string, unknown> };
}

const [folder = ".", notes = "", about = ""] = process.argv.slice(2);
const text = (name: string): object => ({ type: "object", properties: { [name]: { type: "string" } } });
const TOOLS = [
  {
    name: "ticket",
    description: `Shows a ticket. ${about}`,
    inputSchema: text("id"),
    annotations: { readOnlyHint: true },
  },
  {
    name: "post",
    description: "Posts a text.",
    inputSchema: text("text"),
    annotations: { readOnlyHint: true },
  },
];

function result({ method, params }: Request): object {
  if (method === "initialize")
    return {
      protocolVersion: "2025-06-18",
      capabilities: { tools: {} },
      serverInfo: { name: "desk", version: "1" },
    };
  if (method === "tools/list") return { tools: TOOLS };
  if (method !== "tools/call") return {};
  const args = params?.arguments ?? {};
  if (params?.name === "post") {
    appendFileSync(notes, `${JSON.stringify(args)}\n`);
    return { content: [{ type: "text", text: "posted" }] };
  }
  const id = String(args["id"]);
  const file = join(folder, `${id}.txt`);
  const said = existsSync(file) ? readFileSync(file, "utf8") : "no such ticket";
  return { content: [{ type: "text", text: said }], isError: id.startsWith("bad") };
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const request: Request = JSON.parse(line);
  if (request.id === undefined) return;
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id: request.id, result: result(request) })}\n`);
});
