import type { IncomingHttpHeaders } from "node:http";
import {
  EngineRefusedError,
  isObject,
  type JsonObject,
  type JsonValue,
  StreamCutError,
} from "../../protocol/index.ts";
import { failureOf } from "../failures.ts";
import { cutError, LineSplitter, type ServerEvent, SseReader } from "../http/index.ts";
import { objectAt, objectsAt, readObject, textAt } from "../read-json.ts";
import type { AnswerReader } from "../stream.ts";
import type { EngineEvent, FinishReason } from "../types.ts";
import { CallAssembler } from "./calls.ts";

export interface OpenAIAnswerOptions {
  address: string;
  model: string;
  /** Told which field the server writes thinking into, so that history can be sent back in the same. */
  onThinkingField?: (field: ThinkingField) => void;
}

/** llama-server, vLLM before 0.12 and LM Studio write the one, Ollama and newer vLLM the other. */
export type ThinkingField = "reasoning_content" | "reasoning";

const THINKING_FIELDS = ["reasoning_content", "reasoning"] as const;

/** A loop and no copies: this is asked of each piece. */
function firstChoice(choices: JsonValue | undefined): JsonObject | undefined {
  if (!Array.isArray(choices)) return undefined;
  for (const one of choices) if (isObject(one) && (one["index"] ?? 0) === 0) return one;
  return undefined;
}

/** Reads the answer of `/v1/chat/completions`: an event stream, or one JSON object from servers that don't stream. */
export class OpenAIAnswer implements AnswerReader {
  readonly #options: OpenAIAnswerOptions;
  readonly #streamed: boolean;
  readonly #lines = new LineSplitter();
  readonly #sse = new SseReader();
  readonly #calls = new CallAssembler();
  readonly #whole: Buffer[] = [];
  #reason: string | undefined;
  #usage: EngineEvent | undefined;
  complete = false;

  constructor(headers: IncomingHttpHeaders, options: OpenAIAnswerOptions) {
    this.#options = options;
    this.#streamed = !/\bjson\b/i.test(headers["content-type"] ?? "");
  }

  get ended(): boolean {
    return this.complete || this.#reason !== undefined;
  }

  push(chunk: Buffer, events: EngineEvent[]): void {
    if (!this.#streamed) {
      this.#whole.push(chunk);
      return;
    }
    for (const line of this.#lines.push(chunk)) {
      const event = this.#sse.push(line);
      if (event !== undefined) this.#event(event, events);
    }
  }

  end(events: EngineEvent[]): void {
    if (!this.#streamed) {
      this.#object(this.#read(Buffer.concat(this.#whole).toString("utf8")), events);
    } else {
      this.#sse.push(this.#lines.end());
      const event = this.#sse.end();
      if (event !== undefined) this.#event(event, events);
    }
    if (!this.complete) {
      if (this.#reason === undefined) throw this.#cut();
      this.#finish(events);
    }
  }

  #event({ event, data }: ServerEvent, events: EngineEvent[]): void {
    if (this.complete || data === "") return;
    if (!data.startsWith("{") && data.trim() === "[DONE]") {
      this.#finish(events);
      return;
    }
    const value = readObject(data);
    if (value !== undefined) {
      if (event === "error" && value["error"] === undefined) throw this.#broken(data);
      this.#object(value, events);
      return;
    }
    // Some servers leave out the empty line between events, so that several arrive as one.
    const lines = data.split("\n");
    if (lines.length === 1) this.#read(data);
    for (const line of lines) this.#event({ event, data: line }, events);
  }

  #read(text: string): JsonObject {
    const value = readObject(text);
    if (value !== undefined) return value;
    throw cutError(this.#options.address, `what came is no JSON: ${text.slice(0, 80)}`);
  }

  /** One chunk of the stream, or the whole answer. */
  #object(value: JsonObject, events: EngineEvent[]): void {
    if (value["error"] !== undefined && value["error"] !== null) throw this.#broken(JSON.stringify(value));
    if (value["object"] === "error") throw this.#broken(JSON.stringify(value));
    this.#takeUsage(value);
    const choice = firstChoice(value["choices"]);
    if (choice === undefined) return;
    this.#delta(isObject(choice["delta"]) ? choice["delta"] : objectAt(choice, "message"), events);
    const reason = textAt(choice, "finish_reason");
    if (reason !== undefined && reason !== "") {
      this.#reason = reason;
      this.#calls.end(events);
    }
  }

  #delta(delta: JsonObject, events: EngineEvent[]): void {
    for (const field of THINKING_FIELDS) {
      const thinking = delta[field];
      if (typeof thinking !== "string" || thinking === "") continue;
      this.#options.onThinkingField?.(field);
      events.push({ type: "thinking", text: thinking });
      break; // Both at once say the same.
    }
    this.#content(delta["content"], events);
    const refusal = textAt(delta, "refusal");
    if (refusal !== undefined && refusal !== "") events.push({ type: "text", text: refusal });
    for (const piece of objectsAt(delta, "tool_calls")) this.#calls.push(piece, events);
    if (isObject(delta["function_call"]))
      this.#calls.push({ index: 0, function: delta["function_call"] }, events);
  }

  /** Text, or parts of it as Mistral's servers write them. */
  #content(content: JsonObject[string], events: EngineEvent[]): void {
    if (typeof content === "string") {
      if (content !== "") events.push({ type: "text", text: content });
    } else if (Array.isArray(content)) {
      for (const part of content.filter(isObject)) {
        if (typeof part["text"] === "string") events.push({ type: "text", text: part["text"] });
        for (const thought of objectsAt(part, "thinking")) {
          events.push({ type: "thinking", text: textAt(thought, "text") ?? "" });
        }
      }
    }
  }

  #takeUsage(value: JsonObject): void {
    const usage = value["usage"];
    if (!isObject(usage)) return;
    const { prompt_tokens: input, completion_tokens: output } = usage;
    if (typeof input !== "number") return;
    const cached = objectAt(usage, "prompt_tokens_details")["cached_tokens"];
    this.#usage = { type: "usage", input, output: typeof output === "number" ? output : 0 };
    if (typeof cached === "number") this.#usage.cached = cached;
  }

  #finish(events: EngineEvent[]): void {
    if (this.#reason === "error" || this.#reason === "abort") throw this.#cut();
    if (this.#reason === "content_filter") {
      throw new EngineRefusedError(
        `${this.#options.address} withheld the rest of the answer (content_filter).`,
        {
          remedy: "Put the task another way.",
        },
      );
    }
    this.#calls.end(events);
    if (this.#usage !== undefined) events.push(this.#usage);
    this.complete = true;
    events.push({ type: "finish", reason: this.#finishReason() });
  }

  /** Servers say `stop` beside calls, and `tool_calls` with none: what came decides. */
  #finishReason(): FinishReason {
    if (this.#reason === "length" || this.#reason === "max_tokens") return "length";
    return this.#calls.count > 0 ? "calls" : "stop";
  }

  #broken(text: string): Error {
    return failureOf({ status: 0, text, address: this.#options.address, model: this.#options.model });
  }

  #cut(): StreamCutError {
    const { model, address } = this.#options;
    return new StreamCutError(`The answer of ${model} at ${address} ended without its end mark.`, {
      remedy: "Look into the engine's log if it happens again.",
    });
  }
}
