import {
  CapabilityError,
  type EngineError,
  EngineRefusedError,
  type JsonObject,
  ModelNotFoundError,
} from "../../protocol/index.ts";
import { type Endpoint, endpointOf, HttpClient, type HttpOptions, withPath } from "../http/index.ts";
import { nearestNames } from "../names.ts";
import { amountAt, objectsAt, readObject, textAt } from "../read-json.ts";
import { replyError, streamAnswer } from "../stream.ts";
import type { ChatRequest, CompletionRequest, Engine, EngineEvent, ModelInfo } from "../types.ts";
import { OllamaAnswer } from "./answer.ts";
import { byUse, modelOfShow, modelOfTag, sameModel, versionWarning } from "./models.ts";
import { chatBody, generateBody, type OllamaSettings } from "./request.ts";

export interface OllamaOptions extends HttpOptions {
  /** With or without `/api` or `/v1`. Default: `OLLAMA_HOST`, else http://127.0.0.1:11434. */
  url?: string;
  /** Sent as a bearer token; Ollama itself wants none. */
  apiKey?: string;
  /** How long the model stays loaded after an answer: `"5m"`, seconds, -1 for ever. Default: the server's own. */
  keepAlive?: string | number;
  /** Silence after which a wait is announced. Default 2,000. */
  waitNoticeMs?: number;
}

/** Sent as `num_ctx` where the caller names no window and none is loaded: Ollama's own default of 4,096 is too small to act in. */
const DEFAULT_CONTEXT_TOKENS = 8192;
/** Questions about models are answered from memory; an engine silent for longer is stuck. */
const ASK_IDLE_MS = 30_000;
/** `/api/ps` after an answer is worth this much waiting. */
const WINDOW_IDLE_MS = 1000;
/** What `/api/show` said of a model is taken for true this long: a run must not pay for it again and again. */
const SHOWN_MS = 60_000;
/** Without capabilities in `/api/tags` each model is asked about, this many at once. */
const SHOW_AT_ONCE = 4;

/** Ollama's native wire, `/api/chat`: the only one on which it takes the size of the window. */
export class OllamaEngine implements Engine {
  readonly id: string = "ollama";
  readonly #client: HttpClient;
  readonly #options: OllamaOptions;
  /** Window in force by model and `num_ctx`, as `/api/ps` gave it. */
  readonly #windows = new Map<string, number>();
  readonly #loaded = new Map<string, number>();
  readonly #shown = new Map<string, { atMs: number; reply: JsonObject }>();
  #version: Promise<string> | undefined;

  constructor(options: OllamaOptions = {}) {
    this.#options = options;
    const env = options.env ?? process.env;
    const host = env["OLLAMA_HOST"];
    const url = options.url ?? (host === undefined || host.trim() === "" ? "http://127.0.0.1:11434" : host);
    const key = options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` };
    this.#client = new HttpClient(nativeEndpoint(url), {
      ...options,
      headers: { ...key, ...options.headers },
    });
  }

  get address(): string {
    return this.#client.endpoint.address;
  }

  async models(signal?: AbortSignal): Promise<ModelInfo[]> {
    const [tags, windows] = await Promise.all([this.#ask("/api/tags", signal), this.#running(signal)]);
    const models = objectsAt(tags, "models").map(modelOfTag);
    const unknown = models.filter((model) => model.capabilities === undefined);
    for (let i = 0; i < unknown.length; i += SHOW_AT_ONCE) {
      await Promise.all(unknown.slice(i, i + SHOW_AT_ONCE).map((model) => this.#complete(model, signal)));
    }
    for (const model of models) {
      const window = windowOf(windows, model.name);
      if (window !== undefined) model.loadedContextTokens = window;
    }
    return models.sort(byUse);
  }

  async describe(model: string, signal?: AbortSignal): Promise<ModelInfo> {
    const [shown, windows, version] = await Promise.all([
      this.#show(model, signal),
      this.#running(signal),
      this.#versionText(signal),
    ]);
    const info = modelOfShow(model, shown);
    const window = windowOf(windows, model);
    if (window !== undefined) {
      info.loadedContextTokens = window;
      this.#loaded.set(model, window);
    }
    const warning = versionWarning(version);
    info.details = {
      ...info.details,
      ...(version === "" ? {} : { version }),
      ...(warning === undefined ? {} : { warning }),
    };
    return info;
  }

  chat(request: ChatRequest, signal: AbortSignal): AsyncIterable<EngineEvent> {
    const settings = this.#settings(request);
    const asked = request.messages.length > 0;
    return this.#stream("/api/chat", request.model, settings, asked, signal, () =>
      chatBody(request, settings),
    );
  }

  /** Raw text through `/api/generate`, without the model's template. There is no way to send a grammar. */
  async *complete(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    if (request.grammar !== undefined) {
      throw new CapabilityError(`${this.address} takes no grammar with raw text.`, {
        remedy: "Use the embedded engine or llama-server.",
      });
    }
    const settings = this.#settings(request);
    const asked = request.prompt !== "";
    yield* this.#stream("/api/generate", request.model, settings, asked, signal, () =>
      generateBody(request, settings),
    );
  }

  /** A conversation without a message only loads the model. */
  async load(model: string, contextTokens: number | undefined, signal: AbortSignal): Promise<void> {
    const window = contextTokens === undefined ? {} : { contextTokens };
    const answer = this.chat({ model, messages: [], tools: [], sampling: {}, ...window }, signal);
    for await (const _ of answer);
  }

  async embed(model: string, texts: readonly string[], signal?: AbortSignal): Promise<number[][]> {
    if (texts.length === 0) return [];
    const reply = await this.#ask("/api/embed", signal, { model, input: [...texts], truncate: false }, model);
    const rows = Array.isArray(reply["embeddings"]) ? reply["embeddings"] : [];
    const vectors = rows
      .filter((row) => Array.isArray(row))
      .map((row) => row.filter((x) => typeof x === "number"));
    if (vectors.length !== texts.length) {
      throw new EngineRefusedError(
        `${this.address} gave ${vectors.length} embeddings for ${texts.length} texts.`,
        {
          remedy: `Check that ${model} is an embedding model.`,
        },
      );
    }
    return vectors;
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  #stream(
    path: string,
    model: string,
    settings: OllamaSettings,
    asked: boolean,
    signal: AbortSignal,
    body: () => JsonObject,
  ): AsyncIterable<EngineEvent> {
    let window: Promise<number | undefined> | undefined;
    return streamAnswer({
      client: this.#client,
      path,
      body,
      model,
      signal,
      waitNoticeMs: this.#options.waitNoticeMs,
      idleTimeoutMs: this.#options.idleTimeoutMs,
      reader: () => new OllamaAnswer({ address: this.address, model, asked }),
      onFirstChunk: () => {
        window = this.#windowInForce(model, settings.contextTokens, signal);
      },
      contextTokens: () => window,
      onRefusal: (error) => (error instanceof ModelNotFoundError ? this.#withNames(error, model) : error),
    });
  }

  /** Asked once for a model and a window, while the answer streams: Ollama clamps a window that the model can't have. */
  async #windowInForce(
    model: string,
    contextTokens: number,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const key = `${contextTokens} ${model}`;
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    const window = windowOf(await this.#running(signal, WINDOW_IDLE_MS), model);
    if (window !== undefined) this.#windows.set(key, window);
    return window;
  }

  #settings(request: { model: string; contextTokens?: number }): OllamaSettings {
    const { model } = request;
    const contextTokens = request.contextTokens ?? this.#loaded.get(model) ?? DEFAULT_CONTEXT_TOKENS;
    return { contextTokens, keepAlive: this.#options.keepAlive };
  }

  /** Loaded models and their windows; empty where the engine does not tell. */
  async #running(signal?: AbortSignal, idleTimeoutMs?: number): Promise<JsonObject[]> {
    try {
      return objectsAt(await this.#ask("/api/ps", signal, undefined, undefined, idleTimeoutMs), "models");
    } catch {
      // What is loaded is good to know, no more: the question beside this one tells what is wrong.
      return [];
    }
  }

  async #show(model: string, signal?: AbortSignal): Promise<JsonObject> {
    const known = this.#shown.get(model);
    if (known !== undefined && performance.now() - known.atMs < SHOWN_MS) return known.reply;
    const reply = await this.#ask("/api/show", signal, { model }, model);
    this.#shown.set(model, { atMs: performance.now(), reply });
    return reply;
  }

  #versionText(signal?: AbortSignal): Promise<string> {
    this.#version ??= this.#ask("/api/version", signal).then(
      (reply) => textAt(reply, "version") ?? "",
      () => {
        this.#version = undefined;
        return "";
      },
    );
    return this.#version;
  }

  async #complete(model: ModelInfo, signal?: AbortSignal): Promise<void> {
    const shown = modelOfShow(model.name, await this.#show(model.name, signal));
    if (shown.capabilities !== undefined) model.capabilities = shown.capabilities;
    if (shown.maxContextTokens !== undefined) model.maxContextTokens ??= shown.maxContextTokens;
  }

  /** One question that is answered in one piece. */
  async #ask(
    path: string,
    signal: AbortSignal | undefined,
    json?: JsonObject,
    model?: string,
    idleTimeoutMs: number = path === "/api/embed" ? 0 : ASK_IDLE_MS,
  ): Promise<JsonObject> {
    const method = json === undefined ? "GET" : "POST";
    const idle = idleTimeoutMs === 0 ? {} : { idleTimeoutMs };
    const answer = await this.#client.send(path, { method, json, signal, ...idle });
    if (answer.status !== 200) {
      const error = await replyError(answer, this.#client, model);
      throw error instanceof ModelNotFoundError && model !== undefined
        ? await this.#withNames(error, model)
        : error;
    }
    const value = readObject(await answer.text(Number.POSITIVE_INFINITY));
    if (value !== undefined) return value;
    throw new EngineRefusedError(`${this.address}${path} did not answer in JSON.`, {
      remedy: "Check that this is the address of an Ollama server.",
    });
  }

  async #withNames(error: ModelNotFoundError, model: string): Promise<EngineError> {
    this.#shown.delete(model);
    let names: string[];
    try {
      names = objectsAt(await this.#ask("/api/tags", undefined), "models").map((row) => modelOfTag(row).name);
    } catch {
      return error;
    }
    const near = nearestNames(model, names);
    const there = near.length > 0 ? `Near it: ${near.join(", ")}.` : installed(names);
    return new ModelNotFoundError(error.message, {
      ...(error.status === undefined ? {} : { status: error.status }),
      remedy: `Fetch it with \`ollama pull ${model}\`. ${there}`,
      cause: error,
    });
  }
}

function installed(names: readonly string[]): string {
  if (names.length === 0) return "Nothing is installed there.";
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  return `Installed: ${names.slice(0, 5).join(", ")}${more}.`;
}

function windowOf(running: readonly JsonObject[], model: string): number | undefined {
  const row = running.find((one) => sameModel(textAt(one, "name") ?? textAt(one, "model") ?? "", model));
  return row === undefined ? undefined : amountAt(row, "context_length");
}

function nativeEndpoint(url: string): Endpoint {
  const endpoint = endpointOf(url, { port: 11434 });
  return withPath(
    endpoint,
    endpoint.path.replace(/(\/api(\/(chat|generate|tags))?|\/v1(\/chat\/completions)?)+$/, ""),
  );
}
