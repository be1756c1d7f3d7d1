import {
  InternalError,
  type JsonObject,
  ModelNotFoundError,
  StreamCutError,
  type Usage,
} from "../../protocol/index.ts";
import { systemClock } from "../clock.ts";
import { cancelError } from "../http/index.ts";
import { readArguments } from "../read-json.ts";
import type { ChatRequest, Clock, Engine, EngineEvent, FinishReason, ModelInfo, ModelRef } from "../types.ts";

/** A call that the script makes: with arguments, or with their text as the model would write it, valid or not. */
export interface ScriptedCall {
  name: string;
  args?: JsonObject;
  raw?: string;
  id?: string;
}

/** One answer of the script. */
export interface ScriptedTurn {
  thinking?: string;
  text?: string;
  calls?: readonly ScriptedCall[];
  /** Characters per piece of text, thinking and arguments. Default 12. */
  chunk?: number;
  /** Before the first piece. */
  delayMs?: number;
  /** After each piece. */
  gapMs?: number;
  /** After each call. */
  callGapMs?: number;
  /** Announced before the answer. */
  wait?: { for: string; boundMs?: number; position?: number };
  /** Default: counted at four characters a token. */
  usage?: Usage;
  /** Default: `calls` where there are some, else `stop`. */
  finish?: FinishReason;
  /** The window in force, told with the finish. */
  contextTokens?: number;
  /** Where the connection breaks: before the first piece, half through the text, in the last call, or before the finish. */
  cut?: "before" | "answer" | "call" | "end";
  /** Thrown in place of an answer. */
  error?: Error;
  /** Never answers; only a cancel ends it. */
  hang?: boolean;
}

/** The turns in order, or a function of the request and its number, from 0. */
export type Script =
  | readonly ScriptedTurn[]
  | ((request: ChatRequest, n: number) => ScriptedTurn | Promise<ScriptedTurn>);

export interface ScriptedOptions {
  /** What is known of the model. Default: named `scripted`, with tools and a window of 32,768 tokens. */
  info?: Partial<ModelInfo>;
  /** What follows the last turn: a fault that says so (the default), or that turn again. */
  last?: "fail" | "repeat";
  /** Delays are slept on it. Default: the system's. */
  clock?: Clock;
}

/** An engine that says what it was told to, for tests. Nothing leaves the process. */
export interface ScriptedEngine extends Engine {
  /** Requests so far, copied when they came. */
  readonly requests: readonly ChatRequest[];
}

export interface ScriptedRef extends ModelRef {
  engine: ScriptedEngine;
  model: string;
  readonly requests: readonly ChatRequest[];
}

/** A model that follows a script: `agent({ model: scripted([{ text: "Hello." }]) })`. */
export function scripted(script: Script, options: ScriptedOptions = {}): ScriptedRef {
  const info: ModelInfo = {
    name: "scripted",
    maxContextTokens: 32_768,
    loadedContextTokens: 32_768,
    capabilities: ["completion", "tools"],
    ...options.info,
  };
  const requests: ChatRequest[] = [];
  const clock = options.clock ?? systemClock;

  async function turnFor(request: ChatRequest): Promise<ScriptedTurn> {
    const n = requests.push(structuredClone(request)) - 1;
    if (typeof script === "function") return await script(request, n);
    const turn = script[n] ?? (options.last === "repeat" ? script.at(-1) : undefined);
    if (turn !== undefined) return turn;
    throw new InternalError(`The script has ${script.length} turns, and request ${n + 1} came.`);
  }

  const engine: ScriptedEngine = {
    id: "scripted",
    address: "this process",
    requests,
    models: async () => [info],
    describe: async (model) => {
      if (model === info.name) return info;
      throw new ModelNotFoundError(`The script plays ${info.name}, not ${model}.`);
    },
    async *chat(request, signal) {
      yield* play(await turnFor(request), request, clock, signal);
    },
    countTokens: async (_model, text) => tokens(text.length),
    close: async () => undefined,
  };
  return { engine, model: info.name, requests };
}

async function* play(
  turn: ScriptedTurn,
  request: ChatRequest,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent> {
  if (signal.aborted) throw cancelError(signal, "this process");
  if (turn.wait !== undefined) yield { type: "wait", ...turn.wait };
  if (turn.delayMs !== undefined) await clock.sleep(turn.delayMs, signal);
  if (turn.hang === true) await aborted(signal);
  if (turn.wait !== undefined) yield { type: "wait.end", for: turn.wait.for };
  if (turn.error !== undefined) throw turn.error;
  if (turn.cut === "before") throw cut();
  const size = turn.chunk ?? 12;
  const rest = async (ms: number | undefined): Promise<void> => {
    if (ms !== undefined) await clock.sleep(ms, signal);
    if (signal.aborted) throw cancelError(signal, "this process");
  };
  for (const text of split(turn.thinking ?? "", size)) {
    yield { type: "thinking", text };
    await rest(turn.gapMs);
  }
  const parts = split(turn.text ?? "", size);
  const half = turn.cut === "answer" ? Math.ceil(parts.length / 2) : parts.length;
  for (const text of parts.slice(0, half)) {
    yield { type: "text", text };
    await rest(turn.gapMs);
  }
  if (turn.cut === "answer") throw cut();
  const calls = turn.calls ?? [];
  for (const [index, call] of calls.entries()) {
    const { name } = call;
    const argumentsText = call.raw ?? JSON.stringify(call.args ?? {});
    const named = { index, name, id: call.id ?? `call_${index + 1}` };
    yield { type: "call.start", ...named };
    if (turn.cut === "call" && index === calls.length - 1) throw cut();
    for (const text of split(argumentsText, size)) {
      yield { type: "call.delta", index, text };
      await rest(turn.gapMs);
    }
    const args = readArguments(argumentsText);
    yield { type: "call.end", ...named, argumentsText, ...(args === undefined ? {} : { arguments: args }) };
    await rest(turn.callGapMs);
  }
  if (turn.cut === "call" || turn.cut === "end") throw cut();
  yield { type: "usage", ...(turn.usage ?? estimate(turn, request)) };
  const reason = turn.finish ?? (calls.length > 0 ? "calls" : "stop");
  yield {
    type: "finish",
    reason,
    ...(turn.contextTokens === undefined ? {} : { contextTokens: turn.contextTokens }),
  };
}

function cut(): StreamCutError {
  return new StreamCutError("The answer of the script ended without its end mark.");
}

function estimate(turn: ScriptedTurn, request: ChatRequest): Usage {
  const prompt = JSON.stringify([request.tools, request.messages]);
  const written =
    JSON.stringify(turn.calls ?? []).length + (turn.text ?? "").length + (turn.thinking ?? "").length;
  return { input: tokens(prompt.length), output: tokens(written) };
}

function tokens(characters: number): number {
  return Math.max(1, Math.ceil(characters / 4));
}

function split(text: string, size: number): string[] {
  const pieces: string[] = [];
  for (let i = 0; i < text.length; i += size) pieces.push(text.slice(i, i + size));
  return pieces;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(cancelError(signal, "this process")), { once: true });
  });
}
