import { EngineFailedError, isObject, type JsonObject, StreamCutError } from "../../protocol/index.ts";
import { failureOf } from "../failures.ts";
import { cutError, LineSplitter } from "../http/index.ts";
import { objectAt, objectsAt, readObject, textAt } from "../read-json.ts";
import type { AnswerReader } from "../stream.ts";
import type { EngineEvent } from "../types.ts";

export interface OllamaAnswerOptions {
  address: string;
  model: string;
  /** Something was asked: a reply that only says `load` is then no answer. */
  asked: boolean;
}

/**
 * Reads the NDJSON of `/api/chat` and `/api/generate`. Each entry of `tool_calls` is a call of its own, whatever its
 * index: many versions number them all 0, and send each in a chunk by itself.
 */
export class OllamaAnswer implements AnswerReader {
  readonly #options: OllamaAnswerOptions;
  readonly #lines = new LineSplitter();
  readonly #calls = new Map<string, string>();
  #count = 0;
  #wrote = false;
  ended = false;

  constructor(options: OllamaAnswerOptions) {
    this.#options = options;
  }

  get complete(): boolean {
    return this.ended;
  }

  push(chunk: Buffer, events: EngineEvent[]): void {
    for (const line of this.#lines.push(chunk)) this.#line(line, events);
  }

  end(events: EngineEvent[]): void {
    this.#line(this.#lines.end(), events);
    if (!this.ended) throw this.#cut();
  }

  #line(line: string, events: EngineEvent[]): void {
    if (this.ended || line.trim() === "") return;
    const value = readObject(line);
    if (value === undefined) throw cutError(this.#options.address, `a line is no JSON: ${line.slice(0, 80)}`);
    if (value["error"] !== undefined) {
      throw failureOf({ status: 0, text: line, address: this.#options.address, model: this.#options.model });
    }
    const message = objectAt(value, "message");
    this.#text("thinking", textAt(message, "thinking") ?? textAt(value, "thinking"), events);
    this.#text("text", textAt(message, "content") ?? textAt(value, "response"), events);
    for (const call of objectsAt(message, "tool_calls")) this.#call(call, events);
    if (value["done"] === true) this.#done(value, events);
  }

  #text(type: "text" | "thinking", text: string | undefined, events: EngineEvent[]): void {
    if (text === undefined || text === "") return;
    this.#wrote = true;
    events.push({ type, text });
  }

  #call(call: JsonObject, events: EngineEvent[]): void {
    const called = objectAt(call, "function");
    const name = textAt(called, "name") ?? "";
    const given = called["arguments"] ?? {};
    const args = isObject(given) ? given : readObject(String(given));
    const text = typeof given === "string" ? given : JSON.stringify(given);
    const id = this.#freshId(textAt(call, "id"), `${name} ${text}`);
    if (id === null) return;
    const index = this.#count++;
    const named = { index, name, ...(id === undefined ? {} : { id }) };
    this.#wrote = true;
    events.push({ type: "call.start", ...named }, { type: "call.delta", index, text });
    events.push({
      type: "call.end",
      ...named,
      argumentsText: text,
      ...(args === undefined ? {} : { arguments: args }),
    });
  }

  /** The id where it is new in this answer; `null` where the very same call was sent before, as the last chunk may do. */
  #freshId(id: string | undefined, call: string): string | undefined | null {
    if (id === undefined || id === "") return undefined;
    const known = this.#calls.get(id);
    if (known === undefined) this.#calls.set(id, call);
    else return known === call ? null : undefined;
    return id;
  }

  #done(value: JsonObject, events: EngineEvent[]): void {
    const reason = textAt(value, "done_reason");
    if ((reason === "load" || reason === "unload") && this.#options.asked && !this.#wrote) {
      throw new EngineFailedError(
        `${this.#options.address} only loaded ${this.#options.model} and did not answer.`,
        {
          remedy: "Ask again.",
        },
      );
    }
    this.ended = true;
    const { prompt_eval_count: input, eval_count: output } = value;
    if (typeof input === "number") {
      events.push({ type: "usage", input, output: typeof output === "number" ? output : 0 });
    }
    events.push({
      type: "finish",
      reason: reason === "length" ? "length" : this.#count > 0 ? "calls" : "stop",
    });
  }

  /** Ollama ends so, with status 200, when its runner dies and when a model repeats one token 30 times. */
  #cut(): StreamCutError {
    const { model, address } = this.#options;
    return new StreamCutError(`The answer of ${model} at ${address} ended without its end mark.`, {
      remedy: "A model that repeats itself needs a higher temperature; else look into Ollama's log.",
    });
  }
}
