/** All recorded exchanges with a real Ollama 0.33 and a real llama-server, played to the engines. */
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { after, test } from "node:test";
import { failureOf } from "../../src/engines/failures.ts";
import { OllamaAnswer } from "../../src/engines/ollama/answer.ts";
import { createOllama } from "../../src/engines/ollama/index.ts";
import { OpenAIAnswer } from "../../src/engines/openai/answer.ts";
import { createOpenAI } from "../../src/engines/openai/index.ts";
import { objectsAt } from "../../src/engines/read-json.ts";
import type { AnswerReader } from "../../src/engines/stream.ts";
import type { EngineEvent } from "../../src/engines/types.ts";
import { userMessage } from "../../src/protocol/index.ts";
import { expectedOf, type Recording, recordings, skip } from "./recordings.ts";
import { collect, never, serve, summary } from "./servers.ts";

const all = recordings();
const CHAT = new Set(["/api/chat", "/v1/chat/completions"]);
const chats = all.filter(({ method, path }) => method === "POST" && CHAT.has(path));
const others = all.filter((recording) => !chats.includes(recording));

/** What each refusal is, by the end of the recording's name; the figures are those of the recording. */
const REFUSALS: [names: RegExp, error: string][] = [
  [
    /^llama-server-err-context|-ctx-(agent-over-both-false|single-over-(both|shift|truncate)-false)/,
    "ContextExceededError",
  ],
  [/no-tools-capability$|err-think-true$/, "CapabilityError"],
  [/err-unknown-model$/, "ModelNotFoundError"],
  [/queue-overflow-[2-7]$/, "EngineBusyError"],
  [/err-|-legacy-function_call-message$/, "EngineRefusedError"],
];
/** Answers without an end mark: the guard against repetition, a render that is no answer, a recorder that left. */
const CUT = /token-repeat-abort|-render$|-cancel-after-3$/;

function errorOf({ name, status }: Recording): string | undefined {
  if (status === 200) return CUT.test(name) ? "StreamCutError" : undefined;
  return REFUSALS.find(([names]) => names.test(name))?.[1] ?? "no class is named for it";
}

/** What is played now, and how. */
let playing: { recording: Recording; bytewise: boolean } | undefined;
const recorded = (name: string): Recording | undefined => all.find((one) => one.name === name);
const server = await serve(async (request, response) => {
  if (request.path === "/api/ps") return play(response, recorded("ollama-0.33-ps"), false);
  if (request.path === "/api/tags") return play(response, recorded("ollama-0.33-tags"), false);
  if (request.path === "/v1/models") return play(response, recorded("ollama-0.33-v1-models"), false);
  return play(response, playing?.recording, playing?.bytewise ?? false);
});
const native = createOllama({ url: server.url });
const compatible = createOpenAI({ url: server.url });
after(async () => {
  await native.close();
  await compatible.close();
  await server.close();
});

/** Sends the pieces one by one, each in a turn of its own, or every byte as a piece. */
async function play(
  response: ServerResponse,
  recording: Recording | undefined,
  bytewise: boolean,
): Promise<void> {
  response.writeHead(recording?.status ?? 599, { "content-type": recording?.contentType ?? "" });
  const pieces = recording?.chunks ?? [];
  for (const piece of bytewise ? pieces.flatMap((one) => [...one].map((byte) => Buffer.of(byte))) : pieces) {
    response.write(piece);
    if (!bytewise) await new Promise(setImmediate);
  }
  response.end();
}

async function ask(recording: Recording, bytewise: boolean) {
  playing = { recording, bytewise };
  const engine = recording.path === "/api/chat" ? native : compatible;
  const asked = objectsAt(recording.request ?? {}, "messages").length > 0 || recording.status !== 200;
  const request = {
    model: "smol",
    messages: asked ? [userMessage("Hi")] : [],
    tools: [],
    sampling: {},
    contextTokens: 4096,
  };
  return collect(engine.chat!(request, never));
}

/** The same bytes straight into the reader, one at a time: over a socket several arrive as one. */
function readBytes(recording: Recording): { events: EngineEvent[]; error: unknown } {
  const options = {
    address: "http://h",
    model: "smol",
    asked: objectsAt(recording.request ?? {}, "messages").length > 0,
  };
  const headers = { "content-type": recording.contentType };
  const reader: AnswerReader =
    recording.path === "/api/chat" ? new OllamaAnswer(options) : new OpenAIAnswer(headers, options);
  const events: EngineEvent[] = [];
  try {
    for (const byte of Buffer.concat(recording.chunks))
      if (!reader.complete) reader.push(Buffer.of(byte), events);
    if (!reader.complete) reader.end(events);
  } catch (error) {
    return { events, error };
  }
  return { events, error: undefined };
}

function check(recording: Recording, got: { events: EngineEvent[]; error: unknown }): void {
  const expected = expectedOf(recording);
  const { usage, contextTokens: _, ...said } = summary(got.events);
  const error = errorOf(recording);
  assert.equal(got.error instanceof Error ? got.error.name : undefined, error, String(got.error));
  if (recording.status !== 200) {
    assert.deepEqual(got.events, []);
    return;
  }
  const { finish, usage: counted, ...content } = expected;
  if (error !== undefined) {
    assert.equal(finish, undefined, "the recording has an end mark after all");
    assert.deepEqual(said, content);
    return;
  }
  assert.deepEqual(said, { ...content, finish });
  assert.deepEqual(counts(usage), counted);
}

function counts(usage: EngineEvent | undefined): { input: number; output: number } | undefined {
  return usage?.type === "usage" ? { input: usage.input, output: usage.output } : undefined;
}

for (const recording of chats) {
  test(`recorded chat: ${recording.name}`, { skip }, async () => {
    check(recording, await ask(recording, false));
    check(recording, await ask(recording, true));
    if (recording.status === 200) check(recording, readBytes(recording));
  });
}

test("recorded overflows keep their figures", { skip }, async () => {
  const figures = new Map([
    ["ollama-0.33-ctx-agent-over-both-false", [523, 512]],
    ["ollama-0.33-ctx-single-over-truncate-false", [1400, 512]],
    ["llama-server-err-context", [5019, 4096]],
  ]);
  for (const [name, [promptTokens, windowTokens]] of figures) {
    const { error } = await ask(recorded(name)!, false);
    assert.deepEqual(
      { promptTokens, windowTokens, ...pick(error) },
      { promptTokens, windowTokens, ...pick(error) },
    );
    assert.deepEqual(pick(error), { promptTokens, windowTokens });
  }
});

function pick(error: unknown): object {
  assert.ok(error instanceof Error && "promptTokens" in error && "windowTokens" in error);
  return { promptTokens: error.promptTokens, windowTokens: error.windowTokens };
}

test("the window in force comes with a recorded answer", { skip }, async () => {
  const { events } = await ask(recorded("ollama-0.33-chat-stream")!, false);
  assert.equal(summary(events).contextTokens, 4096);
});

test("cached tokens are told where llama-server tells them", { skip }, async () => {
  const { events } = await ask(recorded("llama-server-cache-2")!, false);
  const usage = summary(events).usage;
  assert.ok(usage?.type === "usage" && usage.cached === 453 && usage.input === 454);
});

/** Exchanges on other routes: what they are used for here, or why they are not. */
const USES: [names: RegExp, use: "engine" | "failure" | "not used", why: string][] = [
  [
    /^ollama-0\.33-(tags|show|version|ps|ps-empty|ctx-ps-after|ps-after-keepalive-0)$/,
    "engine",
    "models(), describe()",
  ],
  [
    /^llama-server-(props|v1-models|tokenize|tokenize-pieces)$|^ollama-0\.33-v1-models$/,
    "engine",
    "models(), describe(), countTokens()",
  ],
  [
    /-(show-unknown|v1-model-unknown|messages-err-model|v1-responses-err-model)$/,
    "failure",
    "ModelNotFoundError",
  ],
  [
    /-err-404$|-err-404-path$|-err-405$|-messages-count-tokens$|-messages-err-no-max$/,
    "failure",
    "EngineRefusedError",
  ],
  [/^llama-server-metrics$/, "failure", "CapabilityError"],
  [
    /-(messages|messages-stream|messages-tools|messages-tools-stream)$/,
    "not used",
    "Anthropic's wire: the server room speaks it, no engine does",
  ],
  [
    /-(v1-)?responses(-\w+)*(-prev-id|-stream|-tools)?$/,
    "not used",
    "OpenAI's responses: no local server keeps their state",
  ],
  [
    /^llama-server-(detokenize|count-tokens|apply-template|slots|health)$|-root$|-v1-model$/,
    "not used",
    "nothing is asked there",
  ],
];

function useOf({ name }: Recording): (typeof USES)[number] | undefined {
  return USES.find(([names]) => names.test(name));
}

test("every recording is played or has a reason why not", { skip }, (t) => {
  const unknown = others.filter((recording) => useOf(recording) === undefined).map(({ name }) => name);
  assert.deepEqual(unknown, []);
  const count = (use: string): number => others.filter((recording) => useOf(recording)?.[1] === use).length;
  const counts = {
    chat: chats.length,
    engine: count("engine"),
    failure: count("failure"),
    "not used": count("not used"),
  };
  t.diagnostic(JSON.stringify(counts));
  assert.deepEqual(counts, { chat: 128, engine: 12, failure: 10, "not used": 18 });
});

for (const recording of others.filter((one) => useOf(one)?.[1] === "failure")) {
  test(`recorded failure: ${recording.name}`, { skip }, () => {
    const { status, text } = recording;
    assert.equal(failureOf({ status, text, address: "http://h", model: "nope" }).name, useOf(recording)?.[2]);
  });
}

/** A server with recorded answers by route; all else is not found there. */
async function playback(routes: Record<string, string>) {
  return serve((request, response) => {
    const name = routes[request.path];
    return play(response, name === undefined ? recorded("llama-server-err-404") : recorded(name), true);
  });
}

test("recorded Ollama: models and windows", { skip }, async (t) => {
  for (const [ps, window] of [
    ["ollama-0.33-ps", 4096],
    ["ollama-0.33-ctx-ps-after", 8192],
    ["ollama-0.33-ps-empty", 4096],
    ["ollama-0.33-ps-after-keepalive-0", undefined],
  ] as const) {
    const one = await playback({
      "/api/tags": "ollama-0.33-tags",
      "/api/show": "ollama-0.33-show",
      "/api/version": "ollama-0.33-version",
      "/api/ps": ps,
    });
    const engine = createOllama({ url: one.url });
    t.after(one.close);
    t.after(() => engine.close());
    const models = await engine.models();
    assert.deepEqual(
      models.map(({ name, capabilities, maxContextTokens }) => [name, capabilities, maxContextTokens]),
      [
        ["smol:latest", ["completion", "tools"], 8192],
        ["smolnative:latest", ["completion"], 8192],
      ],
    );
    const info = await engine.describe("smol");
    assert.equal(info.loadedContextTokens, window, ps);
    assert.deepEqual([info.architecture, info.maxContextTokens, info.template?.kind], ["llama", 8192, "go"]);
    assert.match(info.template?.text ?? "", /\.Tools/);
    assert.equal(info.details?.["warning"], undefined);
  }
});

test("recorded llama-server: window, template, abilities, tokens", { skip }, async (t) => {
  for (const [tokenize, count] of [
    ["llama-server-tokenize", 3],
    ["llama-server-tokenize-pieces", 2],
  ] as const) {
    const one = await playback({
      "/v1/models": "llama-server-v1-models",
      "/props": "llama-server-props",
      "/tokenize": tokenize,
    });
    const engine = createOpenAI({ url: one.url });
    t.after(one.close);
    t.after(() => engine.close());
    const info = await engine.describe("smol");
    assert.deepEqual(
      [info.maxContextTokens, info.loadedContextTokens, info.template?.kind],
      [8192, 4096, "jinja"],
    );
    assert.equal(info.bytes, 96_576_768);
    assert.ok(info.capabilities?.includes("tools"));
    assert.equal(await engine.countTokens?.("smol", "Hello <|im_start|>"), count);
  }
});

test("recorded Ollama over /v1: models by name, nothing made up", { skip }, async (t) => {
  const one = await playback({ "/v1/models": "ollama-0.33-v1-models" });
  const engine = createOpenAI({ url: one.url });
  t.after(one.close);
  t.after(() => engine.close());
  const info = await engine.describe("smol");
  assert.deepEqual([info.name, info.maxContextTokens, info.capabilities], ["smol", undefined, undefined]);
  assert.equal(typeof engine.countTokens, "undefined");
});
