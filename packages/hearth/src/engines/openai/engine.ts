import {
  CapabilityError,
  type EngineError,
  EngineRefusedError,
  type JsonObject,
  ModelNotFoundError,
} from "../../protocol/index.ts";
import { refusedField } from "../failures.ts";
import { HttpClient, type HttpOptions } from "../http/index.ts";
import { nearestNames } from "../names.ts";
import { objectsAt, readObject, textAt } from "../read-json.ts";
import { replyError, type StreamRequest, streamAnswer } from "../stream.ts";
import type { ChatRequest, CompletionRequest, Engine, EngineEvent, ModelInfo } from "../types.ts";
import { OpenAIAnswer, type ThinkingField } from "./answer.ts";
import { CompletionAnswer, llamaBody } from "./completion.ts";
import { openaiEndpoints } from "./endpoint.ts";
import { byUse, modelOf, type ServerFacts } from "./models.ts";
import { probe, tokenCount, tokenizeBody } from "./probe.ts";
import { chatBody, completionBody, OPTIONAL_FIELDS, type OpenAISettings } from "./request.ts";

export interface OpenAIOptions extends HttpOptions {
  /** With or without `/v1`. Default: `OPENAI_BASE_URL` or `OPENAI_API_BASE`, else https://api.openai.com/v1. */
  url?: string;
  /**
   * Default: `OPENAI_API_KEY`, but only for an address that is not given in code: a key must not reach a server it is
   * not for. Servers that want none get a dummy, since some clients of theirs insist on one.
   */
  apiKey?: string;
  /** Sent as `parallel_tool_calls` with tools. Default: left to the server. */
  parallelToolCalls?: boolean;
  /** Silence after which a wait is announced. Default 2,000. */
  waitNoticeMs?: number;
}

const NO_KEY = "none";
/** Questions about models; an engine silent for longer is stuck. */
const ASK_IDLE_MS = 30_000;

/** Any server with `/v1/chat/completions`: LM Studio, llama-server, vLLM, SGLang, OpenAI itself. */
export class OpenAIEngine implements Engine {
  readonly id: string = "openai";
  /** There once the server was described and has `/tokenize`. */
  countTokens?: NonNullable<Engine["countTokens"]>;
  readonly #api: HttpClient;
  readonly #root: HttpClient;
  readonly #options: OpenAIOptions;
  readonly #refused = new Set<string>();
  readonly #windows = new Map<string, number>();
  #thinkingField: ThinkingField = "reasoning_content";
  #facts: ServerFacts | undefined;

  constructor(options: OpenAIOptions = {}) {
    this.#options = options;
    const env = options.env ?? process.env;
    const ownUrl = env["OPENAI_BASE_URL"] || env["OPENAI_API_BASE"] || "https://api.openai.com/v1";
    const key = options.apiKey ?? (options.url === undefined ? env["OPENAI_API_KEY"] : undefined);
    const headers = {
      authorization: `Bearer ${key === undefined || key === "" ? NO_KEY : key}`,
      ...options.headers,
    };
    const { api, root } = openaiEndpoints(options.url ?? ownUrl);
    if (api.authorization !== undefined && key === undefined) headers.authorization = api.authorization;
    this.#api = new HttpClient(api, { ...options, headers });
    this.#root = new HttpClient(root, { ...options, headers });
  }

  get address(): string {
    return this.#api.endpoint.address;
  }

  async models(signal?: AbortSignal): Promise<ModelInfo[]> {
    const rows = await this.#rows(signal);
    const facts = await this.#probed(textAt(rows[0] ?? {}, "id") ?? "", signal);
    const models = rows.map((row) => modelOf(row, facts)).filter((model) => model.name !== "");
    for (const { name, loadedContextTokens } of models) {
      if (loadedContextTokens !== undefined) this.#windows.set(name, loadedContextTokens);
    }
    return models.sort(byUse);
  }

  async describe(model: string, signal?: AbortSignal): Promise<ModelInfo> {
    const models = await this.#listed(model, signal);
    const found = models.find(({ name }) => name === model || name === `${model}:latest`);
    if (found !== undefined) return { ...found, name: model };
    const [only] = models;
    // llama-server answers to any name with the one model it has.
    if (only === undefined || models.length > 1 || this.#facts?.props === undefined) {
      throw this.#withNames(
        new ModelNotFoundError(`The model ${model} is not at ${this.address}.`),
        model,
        models.map(({ name }) => name),
      );
    }
    if (only.loadedContextTokens !== undefined) this.#windows.set(model, only.loadedContextTokens);
    return { ...only, name: model, details: { ...only.details, servedAs: only.name } };
  }

  /** Some servers have no list; then the model asked for is taken on trust. */
  async #listed(model: string, signal?: AbortSignal): Promise<ModelInfo[]> {
    try {
      return await this.models(signal);
    } catch (error) {
      if (!(error instanceof EngineRefusedError) || (error.status !== 404 && error.status !== 405))
        throw error;
      return [modelOf({ id: model }, await this.#probed(model, signal))];
    }
  }

  chat(request: ChatRequest, signal: AbortSignal): AsyncIterable<EngineEvent> {
    const { model } = request;
    const onThinkingField = (field: ThinkingField): void => {
      this.#thinkingField = field;
    };
    const body = (): JsonObject => chatBody(request, this.#settings());
    return this.#stream(this.#api, "/chat/completions", body, model, signal, (headers) => {
      return new OpenAIAnswer(headers, { address: this.address, model, onThinkingField });
    });
  }

  /** Raw text. A grammar needs llama-server's own route; elsewhere it raises `CapabilityError`. */
  async *complete(request: CompletionRequest, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const { model } = request;
    const facts = await this.#probed(model, signal);
    const reader = (headers: ConstructorParameters<typeof CompletionAnswer>[0]): CompletionAnswer =>
      new CompletionAnswer(headers, this.address, model);
    if (facts.props !== undefined) {
      yield* this.#stream(this.#root, "/completion", () => llamaBody(request), model, signal, reader);
      return;
    }
    if (request.grammar !== undefined) {
      throw new CapabilityError(`${this.address} takes no grammar with raw text.`, {
        remedy: "Use the embedded engine or llama-server.",
      });
    }
    const body = (): JsonObject => completionBody(request, this.#settings());
    yield* this.#stream(this.#api, "/completions", body, model, signal, reader);
  }

  async embed(model: string, texts: readonly string[], signal?: AbortSignal): Promise<number[][]> {
    if (texts.length === 0) return [];
    const body = { model, input: [...texts], encoding_format: "float" };
    const reply = await this.#ask(this.#api, "/embeddings", signal, body, model);
    const rows = objectsAt(reply, "data").toSorted(
      (a, b) => Number(a["index"] ?? 0) - Number(b["index"] ?? 0),
    );
    const vectors = rows.map(({ embedding }) =>
      Array.isArray(embedding) ? embedding.filter((x) => typeof x === "number") : [],
    );
    if (vectors.length === texts.length && vectors.every((vector) => vector.length > 0)) return vectors;
    throw new EngineRefusedError(
      `${this.address} gave ${vectors.length} embeddings for ${texts.length} texts.`,
      {
        remedy: `Check that ${model} is an embedding model.`,
      },
    );
  }

  async close(): Promise<void> {
    this.#api.close();
    this.#root.close();
  }

  #stream(
    client: HttpClient,
    path: string,
    body: () => JsonObject,
    model: string,
    signal: AbortSignal,
    reader: StreamRequest["reader"],
  ): AsyncIterable<EngineEvent> {
    const { waitNoticeMs, idleTimeoutMs } = this.#options;
    let sent: JsonObject = {};
    return streamAnswer({
      client,
      path,
      body: () => (sent = body()),
      model,
      signal,
      waitNoticeMs,
      idleTimeoutMs,
      reader,
      contextTokens: () => this.#windows.get(model),
      onRefusal: (error) => {
        if (error instanceof ModelNotFoundError) return this.#notFound(error, model);
        return this.#learn(error, sent) ? undefined : error;
      },
    });
  }

  async #notFound(error: ModelNotFoundError, model: string): Promise<EngineError> {
    const rows = await this.#rows().catch((): JsonObject[] => []);
    const names = rows.flatMap((row) => textAt(row, "id") ?? []);
    return this.#withNames(error, model, names);
  }

  /** Remembers a field that the server refused by name, so that the same question can be asked without it. */
  #learn(error: EngineError, body: JsonObject): boolean {
    if (!(error instanceof EngineRefusedError) || (error.status !== 400 && error.status !== 422))
      return false;
    const field = refusedField(error.message, OPTIONAL_FIELDS);
    if (field === undefined || this.#refused.has(field)) return false;
    if (field !== "reasoning_content" && body[field] === undefined) return false;
    this.#refused.add(field);
    return true;
  }

  #settings(): OpenAISettings {
    return {
      refused: this.#refused,
      thinkingField: this.#thinkingField,
      parallelToolCalls: this.#options.parallelToolCalls,
    };
  }

  async #probed(model: string, signal?: AbortSignal): Promise<ServerFacts> {
    if (this.#facts !== undefined) return this.#facts;
    const facts = await probe(this.#root, model, signal);
    if (signal?.aborted) return facts;
    this.#facts = facts;
    if (facts.tokenizes) {
      this.countTokens = async (name, text, countSignal) => {
        const reply = await this.#ask(this.#root, "/tokenize", countSignal, tokenizeBody(name, text), name);
        const count = tokenCount(reply);
        if (count !== undefined) return count;
        throw new EngineRefusedError(`${this.address} did not count the tokens.`, { remedy: "Ask again." });
      };
    }
    return facts;
  }

  async #rows(signal?: AbortSignal): Promise<JsonObject[]> {
    return objectsAt(await this.#ask(this.#api, "/models", signal), "data");
  }

  /** One question that is answered in one piece. */
  async #ask(
    client: HttpClient,
    path: string,
    signal: AbortSignal | undefined,
    json?: JsonObject,
    model?: string,
  ): Promise<JsonObject> {
    const method = json === undefined ? "GET" : "POST";
    const bound = path === "/embeddings" ? {} : { idleTimeoutMs: ASK_IDLE_MS };
    const answer = await client.send(path, { method, json, signal, ...bound });
    if (answer.status !== 200) throw await replyError(answer, client, model);
    const value = readObject(await answer.text(Number.POSITIVE_INFINITY));
    if (value !== undefined) return value;
    throw new EngineRefusedError(`${client.endpoint.address}${path} did not answer in JSON.`, {
      remedy: "Check that this is the address of an OpenAI-compatible server.",
    });
  }

  #withNames(error: ModelNotFoundError, model: string, names: readonly string[]): EngineError {
    const near = nearestNames(model, names);
    const shown = near.length > 0 ? near : names.slice(0, 5);
    const there =
      names.length === 0 ? "The server names no model: load one there." : `There: ${shown.join(", ")}.`;
    return new ModelNotFoundError(error.message, {
      remedy: there,
      ...(error.status === undefined ? {} : { status: error.status }),
    });
  }
}
