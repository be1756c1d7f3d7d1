/**
 * An engine on Ollama's wire in a process of its own that keeps nothing of what it is asked: a soak of hours must not grow by its own
 * books. What it says follows from the last message. Prints its URL.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Message {
  role: string;
  content?: string;
}

interface Body {
  model?: string;
  stream?: boolean;
  messages?: Message[];
  prompt?: string;
  tools?: unknown[];
}

interface Answer {
  words?: number;
  gapMs?: number;
  call?: { name: string; arguments: object };
  status?: number;
  /** The connection breaks in the middle. */
  cut?: boolean;
}

const MODEL = "mock";
const NOW = "2026-01-01T00:00:00.000000000Z";
const INFO = {
  capabilities: ["completion", "tools"],
  details: { family: "qwen2", parameter_size: "7B", quantization_level: "Q4_K_M" },
  model_info: { "general.architecture": "qwen2", "qwen2.context_length": 32_768 },
  template: "{{ .Prompt }}{{ .Tools }}",
};
/** How often each broken question came; one is forgotten once it has its answer. */
const broken = new Map<string, number>();

/** By the last words; a result of a tool is followed by an answer. */
function answerTo({ messages = [] }: Body): Answer {
  const last = messages.at(-1);
  if (last?.role === "tool") return { words: 12 };
  const text = last?.content ?? "";
  if (/sum/.test(text)) return { call: { name: "add", arguments: { a: 2, b: 3 } } };
  if (/program/.test(text))
    return { call: { name: "run_javascript", arguments: { code: "console.log(6 * 7)" } } };
  if (/command/.test(text)) return { call: { name: "run_shell", arguments: { command: "ls" } } };
  if (/letter/.test(text)) return { call: { name: "send_letter", arguments: { to: "Ann" } } };
  if (/slowly/.test(text)) return { words: 200, gapMs: 20 };
  if (/broken/.test(text)) return brokenAnswer(text);
  return { words: 24, gapMs: 1 };
}

/** Refused, then cut off in the middle, then whole: the run has to ask again twice. */
function brokenAnswer(text: string): Answer {
  const times = broken.get(text) ?? 0;
  broken.set(text, times + 1);
  if (times === 0) return { status: 503 };
  if (times === 1) return { words: 10, cut: true };
  broken.delete(text);
  return { words: 10 };
}

const route: Record<string, (body: Body, res: ServerResponse) => void | Promise<void>> = {
  "/api/version": (_, res) => json(res, { version: "0.21.0" }),
  "/api/tags": (_, res) =>
    json(res, {
      models: [
        { name: MODEL, model: MODEL, size: 1, details: INFO.details, capabilities: INFO.capabilities },
      ],
    }),
  "/api/ps": (_, res) =>
    json(res, {
      models: [{ name: MODEL, model: MODEL, size: 1, size_vram: 1, context_length: 16_384, expires_at: NOW }],
    }),
  "/api/show": (body, res) =>
    isKnown(body) ? json(res, INFO) : json(res, { error: "model not found" }, 404),
  "/api/chat": chat,
};

const isKnown = ({ model }: Body): boolean => model === MODEL || model === `${MODEL}:latest`;

async function chat(body: Body, res: ServerResponse): Promise<void> {
  if (!isKnown(body))
    return json(res, { error: `model "${body.model}" not found, try pulling it first` }, 404);
  const { words = 0, gapMs = 0, call, status, cut } = answerTo(body);
  if (status !== undefined) return json(res, { error: "the engine is busy" }, status);
  // Fewer than there are would say that the prompt was cut.
  const promptTokens = Math.ceil(JSON.stringify([body.messages, body.tools]).length / 4);
  const line = (message: object, done = false): string =>
    `${JSON.stringify({ model: MODEL, created_at: NOW, message: { role: "assistant", content: "", ...message }, done, ...(done ? { done_reason: "stop", prompt_eval_count: promptTokens, eval_count: words + 8 } : {}) })}\n`;
  res.writeHead(200, { "content-type": "application/x-ndjson" });
  if (call !== undefined) res.write(line({ tool_calls: [{ function: call }] }));
  for (let i = 0; i < words && !res.destroyed; i++) {
    res.write(line({ content: `word ${i} ` }));
    if (gapMs > 0) await new Promise((resolve) => setTimeout(resolve, gapMs));
    if (cut === true && i > words / 2) return void res.destroy();
  }
  res.end(line({}, true));
}

function json(res: ServerResponse, value: object, status = 200): void {
  res.writeHead(status, { "content-type": "application/json" });
  res.end(JSON.stringify(value));
}

async function bodyOf(req: IncomingMessage): Promise<Body> {
  let text = "";
  for await (const chunk of req.setEncoding("utf8")) text += chunk;
  return text === "" ? {} : (JSON.parse(text) as Body);
}

const server = createServer((req, res) => {
  res.on("error", () => undefined);
  const answer = route[req.url ?? ""];
  if (answer === undefined) return json(res, { error: "not found" }, 404);
  bodyOf(req)
    .then((body) => answer(body, res))
    .catch(() => res.destroy());
});
// As Ollama, which ends no connection that is kept.
server.keepAliveTimeout = 0;
server.listen(0, "127.0.0.1", () =>
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
process.on("SIGTERM", () => process.exit(0));
