import type { IncomingHttpHeaders } from "node:http";
import { type JsonObject, StreamCutError } from "../../protocol/index.ts";
import { failureOf } from "../failures.ts";
import { LineSplitter, SseReader } from "../http/index.ts";
import { defined, objectAt, objectsAt, readObject, textAt } from "../read-json.ts";
import type { AnswerReader } from "../stream.ts";
import type { CompletionRequest, EngineEvent } from "../types.ts";

/**
 * Body of llama-server's own `POST /completion`, the only route that takes a grammar for raw text. With a trigger the
 * server applies the grammar to the trigger itself too, so the root is made to begin with it.
 */
export function llamaBody(request: CompletionRequest): JsonObject {
  const { sampling, grammar } = request;
  const body = defined<JsonObject>({
    prompt: request.prompt,
    stream: true,
    cache_prompt: true,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    min_p: sampling.minP,
    seed: sampling.seed,
    n_predict: sampling.maxTokens,
    stop: sampling.stop,
  });
  if (grammar === undefined) return body;
  if (grammar.trigger === undefined) return { ...body, grammar: grammar.gbnf };
  const { trigger } = grammar;
  return {
    ...body,
    grammar: afterTrigger(grammar.gbnf, trigger),
    grammar_lazy: true,
    // Type 1: a word. Preserved, so that it stays visible where it is a special token.
    grammar_triggers: [{ type: 1, value: trigger }],
    preserved_tokens: [trigger],
  };
}

/** The grammar whose text begins with the trigger. Texts and character classes are left alone. */
export function afterTrigger(gbnf: string, trigger: string): string {
  const renamed = gbnf.replace(
    /"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|#[^\n]*|[A-Za-z][A-Za-z0-9-]*/g,
    (token) => (token === "root" ? "after-trigger" : token),
  );
  return `root ::= ${JSON.stringify(trigger)} after-trigger\n${renamed}`;
}

/** Reads the stream of `/v1/completions` and of llama-server's `/completion`. */
export class CompletionAnswer implements AnswerReader {
  readonly #address: string;
  readonly #model: string;
  readonly #streamed: boolean;
  readonly #lines = new LineSplitter();
  readonly #sse = new SseReader();
  readonly #whole: Buffer[] = [];
  #reason: string | undefined;
  #usage: EngineEvent | undefined;
  complete = false;

  constructor(headers: IncomingHttpHeaders, address: string, model: string) {
    this.#streamed = !/\bjson\b/i.test(headers["content-type"] ?? "");
    this.#address = address;
    this.#model = model;
  }

  get ended(): boolean {
    return this.complete || this.#reason !== undefined;
  }

  push(chunk: Buffer, events: EngineEvent[]): void {
    if (this.#streamed)
      for (const line of this.#lines.push(chunk)) this.#data(this.#sse.push(line)?.data, events);
    else this.#whole.push(chunk);
  }

  end(events: EngineEvent[]): void {
    if (this.#streamed) {
      this.#data(this.#sse.push(this.#lines.end())?.data, events);
      this.#data(this.#sse.end()?.data, events);
    } else {
      this.#data(Buffer.concat(this.#whole).toString("utf8"), events);
    }
    if (!this.complete) this.#finish(events);
  }

  #data(data: string | undefined, events: EngineEvent[]): void {
    if (data === undefined || data === "" || this.complete) return;
    const value = data === "[DONE]" ? undefined : readObject(data);
    if (value === undefined) {
      this.#finish(events);
      return;
    }
    if (value["error"] !== undefined && value["error"] !== null) {
      throw failureOf({ status: 0, text: data, address: this.#address, model: this.#model });
    }
    const choice = objectsAt(value, "choices")[0];
    const text = choice === undefined ? textAt(value, "content") : textAt(choice, "text");
    if (text !== undefined && text !== "") events.push({ type: "text", text });
    this.#takeUsage(choice === undefined ? value : objectAt(value, "usage"));
    const reason = choice === undefined ? stopType(value) : textAt(choice, "finish_reason");
    if (reason !== undefined && reason !== "") this.#reason = reason;
    if (value["stop"] === true) this.#finish(events);
  }

  #takeUsage(usage: JsonObject): void {
    const input = usage["prompt_tokens"] ?? usage["tokens_evaluated"];
    const output = usage["completion_tokens"] ?? usage["tokens_predicted"];
    if (typeof input !== "number" || input === 0) return;
    this.#usage = { type: "usage", input, output: typeof output === "number" ? output : 0 };
    const cached = usage["tokens_cached"];
    if (typeof cached === "number") this.#usage.cached = Math.min(cached, input);
  }

  #finish(events: EngineEvent[]): void {
    if (this.#reason === undefined) {
      throw new StreamCutError(
        `The answer of ${this.#model} at ${this.#address} ended without its end mark.`,
        {
          remedy: "Look into the engine's log if it happens again.",
        },
      );
    }
    this.complete = true;
    if (this.#usage !== undefined) events.push(this.#usage);
    events.push({ type: "finish", reason: this.#reason === "length" ? "length" : "stop" });
  }
}

/** llama-server: `stop_type` is `eos`, `word` or `limit`; older builds have a flag for each. */
function stopType(value: JsonObject): string | undefined {
  if (value["stop"] !== true) return undefined;
  return value["stop_type"] === "limit" || value["stopped_limit"] === true ? "length" : "stop";
}
