import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createMcpHandler } from "@modelcontextprotocol/server";
import type { Tool } from "hearth";
import { connectMcp, type HttpServer, toolServers } from "../../src/mcp/index.ts";
import { callTool } from "./mcp-support.ts";

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => unknown;

/** A server on a free port of this machine. */
async function listening(handler: Handler): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => handler(request, response, Buffer.concat(chunks).toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function connected(server: Omit<HttpServer, "kind">) {
  const set = await connectMcp({ servers: [{ kind: "http", ...server }], workspace: "/tmp" });
  return { ...set, tools: set.tools, [Symbol.asyncDispose]: () => set.close() };
}

const ADD: Tool = {
  name: "add",
  description: "Adds.",
  parameters: {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a", "b"],
  },
  effect: "none",
  run: ({ a, b }, { output }) => {
    output("adding\n");
    return String(Number(a) + Number(b));
  },
};

for (const legacy of ["stateless", "reject"] as const) {
  test(`our tools over the SDK's HTTP server and back (${legacy === "reject" ? "2026-07-28" : "2025-11-25"})`, async () => {
    const servers = await toolServers({ tools: [ADD], workspace: "/tmp", approve: "never", version: "0" });
    const handler = createMcpHandler(servers.make, { legacy });
    await using at = await listening(async (request, response, body) => {
      const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      const init = { method: request.method ?? "GET", headers };
      const answer = await handler.fetch(new Request(at.url, body === "" ? init : { ...init, body }));
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      if (answer.body !== null) for await (const chunk of answer.body) response.write(chunk);
      response.end();
    });
    await using set = await connected({ url: at.url });
    const seen: string[] = [];
    const result = await callTool(set.tools, "add", { a: 2, b: 3 }, { output: (text) => seen.push(text) });
    assert.deepEqual(result, { ok: true, content: "5" });
    assert.deepEqual(seen, ["1 adding\n"]);
    await handler.close();
  });
}

/** A server of one session, written out: what it does with a request is a table. */
function plainServer(
  options: { refuse?: (request: IncomingMessage) => number | undefined; onCall?: () => void } = {},
): Handler {
  let sessions = 0;
  return (request, response, body) => {
    const status = options.refuse?.(request);
    if (status !== undefined || request.method !== "POST") {
      response.writeHead(status ?? 405).end("no");
      return;
    }
    const { id, method, params } = JSON.parse(body);
    const session = request.headers["mcp-session-id"];
    const send = (result: unknown, headers: Record<string, string> = {}) =>
      response
        .writeHead(200, { "content-type": "application/json", ...headers })
        .end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    if (method === "initialize") {
      sessions++;
      send(
        {
          protocolVersion: "2025-06-18",
          capabilities: { tools: {} },
          serverInfo: { name: "plain", version: "1" },
        },
        { "mcp-session-id": `s${sessions}` },
      );
    } else if (id === undefined) response.writeHead(202).end();
    else if (session !== `s${sessions}`) response.writeHead(404).end();
    else if (method === "tools/list") send({ tools: [{ name: "echo", inputSchema: { type: "object" } }] });
    else {
      options.onCall?.();
      if (params.arguments.big === true) {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(
          `{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"${"x".repeat(70 * 1024 * 1024)}"}]}}`,
        );
      } else if (params.arguments.cut === true) response.destroy();
      else send({ content: [{ type: "text", text: "here" }] });
    }
  };
}

test("a session that the server forgot is begun anew, and the call made", async () => {
  let gone = false;
  let sessions = 0;
  const plain = plainServer();
  await using at = await listening((request, response, body) => {
    if (body.includes('"initialize"')) sessions++;
    if (gone && request.headers["mcp-session-id"] === "s1") response.writeHead(404).end();
    else plain(request, response, body);
  });
  await using set = await connected({ url: at.url });
  gone = true;
  assert.deepEqual(await callTool(set.tools, "echo"), { ok: true, content: "here" });
  assert.equal(sessions, 2);
});

test("a call whose answer is cut has an unknown outcome and is not made again", async () => {
  let calls = 0;
  await using at = await listening(plainServer({ onCall: () => void calls++ }));
  await using set = await connected({ url: at.url });
  const { ok, content, details } = await callTool(set.tools, "echo", { cut: true });
  assert.equal(ok, false);
  assert.match(content, /unknown/);
  assert.deepEqual(details, { outcome: "unknown" });
  assert.equal(calls, 1);
});

test("an answer beyond all measure is not taken", async () => {
  await using at = await listening(plainServer());
  await using set = await connected({ url: at.url });
  const { ok, content } = await callTool(set.tools, "echo", { big: true });
  assert.equal(ok, false);
  assert.match(content, /longer than 64 MiB/);
});

test("headers are sent; without them the refusal says what to do", async () => {
  const refuse = ({ headers }: IncomingMessage) => (headers.authorization === "Bearer k" ? undefined : 401);
  await using at = await listening(plainServer({ refuse }));
  await assert.rejects(connected({ url: at.url }), (error: Error & { remedy?: string }) => {
    assert.match(error.message, /127.0.0.1 can't be used/);
    assert.match(error.remedy ?? "", /Add a header with a key/);
    return true;
  });
  await using set = await connected({ url: at.url, headers: { Authorization: "Bearer k" } });
  assert.equal((await callTool(set.tools, "echo")).content, "here");
});

test("a redirect to another place is not followed: the headers may hold a key", async () => {
  let reached = 0;
  await using other = await listening((_request, response) => {
    reached++;
    response.writeHead(200).end();
  });
  await using at = await listening(
    (_request, response) => void response.writeHead(307, { location: other.url }).end(),
  );
  await assert.rejects(connected({ url: at.url, headers: { Authorization: "Bearer k" } }), /can't be used/);
  assert.equal(reached, 0);
});

test("nobody there is said", async () => {
  const at = await listening(() => undefined);
  await at[Symbol.asyncDispose]();
  await assert.rejects(connected({ url: at.url }), /ECONNREFUSED/);
});

test("a server of 2024 that knows only HTTP with SSE is understood", async () => {
  let stream: ServerResponse | undefined;
  await using at = await listening((request, response, body) => {
    if (request.method === "GET") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("event: endpoint\ndata: /message\n\n");
      stream = response;
    } else if (request.url !== "/message") response.writeHead(405).end();
    else {
      response.writeHead(202).end();
      const { id, method } = JSON.parse(body);
      const result =
        method === "initialize"
          ? {
              protocolVersion: "2024-11-05",
              capabilities: { tools: {} },
              serverInfo: { name: "old", version: "1" },
            }
          : method === "tools/list"
            ? { tools: [{ name: "echo", inputSchema: { type: "object" } }] }
            : { content: [{ type: "text", text: "old but here" }] };
      if (id !== undefined)
        stream?.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: "2.0", id, result })}\n\n`);
    }
  });
  await using set = await connected({ url: at.url });
  assert.equal((await callTool(set.tools, "echo")).content, "old but here");
});
