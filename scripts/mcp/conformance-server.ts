/** Hearth's tools behind the SDK's HTTP handler, with the tools that the conformance suite calls. Prints its URL. */
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { toolServers } from "@hearth/tools";
import { createMcpHandler } from "@modelcontextprotocol/server";
import type { Tool } from "hearth";

const none = { type: "object", properties: {} };
const base = { parameters: none, effect: "none" } as const;
const tools: Tool[] = [
  {
    ...base,
    name: "test_simple_text",
    description: "Text.",
    run: () => "This is a simple text response for testing.",
  },
  {
    ...base,
    name: "test_error_handling",
    description: "Fails.",
    run: () => {
      throw new Error("This tool intentionally returns an error for testing");
    },
  },
  {
    ...base,
    name: "test_tool_with_progress",
    description: "Reports progress.",
    run: async (_, { output }) => {
      for (const part of ["a third", "two thirds", "all"]) {
        output(`${part}\n`);
        await sleep(120);
      }
      return "done";
    },
  },
  {
    ...base,
    name: "json_schema_2020_12_tool",
    description: "Tool with JSON Schema 2020-12 features",
    parameters: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      $defs: {
        address: { type: "object", properties: { street: { type: "string" }, city: { type: "string" } } },
      },
      properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
      additionalProperties: false,
    },
    run: () => "ok",
  },
];

const servers = await toolServers({ tools, workspace: process.cwd(), approve: "never", version: "0" });
const handler = createMcpHandler(servers.make);
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  const init = { method: request.method ?? "GET", headers };
  const url = `http://${request.headers.host}${request.url}`;
  const answer = await handler.fetch(new Request(url, body === "" ? init : { ...init, body }));
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body !== null) for await (const chunk of answer.body) response.write(chunk);
  response.end();
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) console.log(`http://127.0.0.1:${address.port}/mcp`);
});
