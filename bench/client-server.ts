/**
 * The engine of `bench/client.ts`, in a process of its own: ten rounds with one tool call, then an answer of 200 pieces.
 * Speaks both wires. Prints its address.
 */
import http, { type ServerResponse } from "node:http";

export const ROUNDS = 10;
export const DELTAS = 200;

const reply = {
  /** Ollama's native stream. */
  ollama(response: ServerResponse, round: number): void {
    const line = (message: object, more: object = { done: false }): void => {
      response.write(
        `${JSON.stringify({ model: "bench", message: { role: "assistant", content: "", ...message }, ...more })}\n`,
      );
    };
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    if (round < ROUNDS)
      line({
        tool_calls: [
          { id: `call_${round}`, function: { index: 0, name: "add", arguments: { a: round, b: 2 } } },
        ],
      });
    else for (let i = 0; i < DELTAS; i++) line({ content: `word${i} ` });
    line({}, { done: true, done_reason: "stop", prompt_eval_count: 900 + round, eval_count: 20 });
    response.end();
  },
  /** The event stream of `/v1/chat/completions`. */
  openai(response: ServerResponse, round: number): void {
    const event = (delta: object, finish_reason: string | null = null): void => {
      response.write(
        `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] })}\n\n`,
      );
    };
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (round < ROUNDS) {
      const call = { name: "add", arguments: JSON.stringify({ a: round, b: 2 }) };
      event({ tool_calls: [{ index: 0, id: `call_${round}`, type: "function", function: call }] });
    } else {
      for (let i = 0; i < DELTAS; i++) event({ content: `word${i} ` });
    }
    event({}, round < ROUNDS ? "tool_calls" : "stop");
    const usage = { prompt_tokens: 900 + round, completion_tokens: 20 };
    response.write(`data: ${JSON.stringify({ id: "x", choices: [], usage })}\n\ndata: [DONE]\n\n`);
    response.end();
  },
};

const about: Record<string, object> = {
  "/api/show": {
    template: "",
    model_info: { "general.architecture": "x", "x.context_length": 32_768 },
    capabilities: ["completion", "tools"],
  },
  "/api/ps": { models: [{ name: "bench:latest", context_length: 16_384 }] },
  "/api/version": { version: "0.33.0" },
  "/v1/models": { object: "list", data: [{ id: "bench", max_model_len: 16_384 }] },
};

const server = http.createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const path = request.url ?? "";
  if (!path.includes("chat")) {
    response.writeHead(about[path] === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(about[path] ?? { error: "not found" }));
    return;
  }
  const body: { messages: { role: string }[] } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  const round = body.messages.filter(({ role }) => role === "tool").length;
  reply[path === "/api/chat" ? "ollama" : "openai"](response, round);
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) console.log(`http://127.0.0.1:${address.port}`);
});
