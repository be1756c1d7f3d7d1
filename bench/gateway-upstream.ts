/** The engine of `bench/gateway.ts`, in a process of its own: OpenAI's wire, an answer of 20 pieces, whole or streamed, at once. */
import http from "node:http";

const PIECES = Array.from({ length: 20 }, (_, i) => `piece number ${i} of the answer `);
const usage = { prompt_tokens: 220, completion_tokens: 80, total_tokens: 300 };
const head = { id: "chatcmpl-1", created: 1, model: "bench" };
const chunk = (delta: object, finish_reason: string | null = null, more: object = {}): string =>
  `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }], ...more })}\n\n`;
const stream = [
  ...PIECES.map((content) => chunk({ content })),
  chunk({}, "stop"),
  `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [], usage })}\n\n`,
  "data: [DONE]\n\n",
];
const whole = JSON.stringify({
  ...head,
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: PIECES.join("") }, finish_reason: "stop" }],
  usage,
});

http
  .createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    if (request.method === "GET") {
      const known = request.url === "/v1/models";
      response.writeHead(known ? 200 : 404, { "content-type": "application/json" });
      response.end(JSON.stringify({ object: "list", data: [{ id: "bench", max_model_len: 32_768 }] }));
      return;
    }
    if (!Buffer.concat(parts).includes('"stream":true')) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(whole);
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const frame of stream) response.write(frame);
    response.end();
  })
  .listen(0, "127.0.0.1", function (this: http.Server) {
    const address = this.address();
    if (typeof address === "object" && address !== null) console.log(`http://127.0.0.1:${address.port}`);
  });
