import { type AssistantMessage, CancelledError, type Message } from "hearth";
import { failureOf } from "../../problem.ts";
import { FollowedLog } from "../followed.ts";
import type { AnswerEvent } from "../model/index.ts";
import type { ResponseBuilder, ResponseEvent } from "./builder.ts";
import type { InputItem } from "./schema.ts";

/** Responses kept at once; the oldest one that is over gives way. */
const MAX_RESPONSES = 512;

/** A response that is being made, or was. */
export class ResponseRun {
  readonly builder: ResponseBuilder;
  readonly log: FollowedLog<ResponseEvent> = new FollowedLog();
  /** What the response was asked with, as it came. */
  readonly input: string | readonly InputItem[];
  readonly background: boolean;
  readonly #stop: AbortController;
  readonly #asked: readonly Message[];
  readonly #said: AssistantMessage["content"] = [];
  /** What ended it, where that was no answer. */
  failure: unknown;

  /** `asked`: all messages but the instructions. `stop` ends the question to the engine. */
  constructor(
    builder: ResponseBuilder,
    asked: readonly Message[],
    input: string | readonly InputItem[],
    stop: AbortController,
    background: boolean,
  ) {
    this.builder = builder;
    this.#asked = asked;
    this.input = input;
    this.#stop = stop;
    this.background = background;
  }

  /** The conversation up to and with this response: what the next one goes on from. */
  get messages(): Message[] {
    const said: Message[] = this.#said.length === 0 ? [] : [{ role: "assistant", content: this.#said }];
    return [...this.#asked, ...said];
  }

  /** Makes the response to its end. Never raises: what goes wrong is in the response, and in `failure`. */
  async drive(events: AsyncIterable<AnswerEvent>): Promise<void> {
    this.#tell(this.builder.begin());
    try {
      for await (const event of events) {
        this.#remember(event);
        this.#tell(this.builder.take(event));
      }
    } catch (error) {
      this.failure = error;
      const cancelled = this.#stop.signal.aborted || error instanceof CancelledError;
      this.#tell(cancelled ? this.builder.cancel() : this.builder.fail(failureOf(error)));
    } finally {
      this.log.end();
    }
  }

  cancel(): void {
    this.#stop.abort(new CancelledError("The response was cancelled."));
  }

  #tell(events: readonly ResponseEvent[]): void {
    for (const event of events) this.log.push(event);
  }

  #remember(event: AnswerEvent): void {
    const last = this.#said.at(-1);
    if (event.type === "call") {
      const { id, name, arguments: args = {} } = event.call;
      this.#said.push({ type: "call", id, name, arguments: args });
    } else if (event.type === "text" || event.type === "thinking") {
      if (last?.type === event.type) last.text += event.text;
      else this.#said.push({ type: event.type, text: event.text });
    }
  }
}

/** The newest responses, in memory: a restart forgets them. */
export class ResponseStore {
  readonly #runs = new Map<string, { run: ResponseRun; tenant: string }>();

  add(run: ResponseRun, tenant: string): void {
    this.#runs.set(run.builder.id, { run, tenant });
    for (const [id, old] of this.#runs) {
      if (this.#runs.size <= MAX_RESPONSES) break;
      if (old.run.log.ended) this.#runs.delete(id);
    }
  }

  /** One of this tenant's. */
  get(id: string, tenant: string): ResponseRun | undefined {
    const found = this.#runs.get(id);
    return found?.tenant === tenant ? found.run : undefined;
  }

  delete(run: ResponseRun): void {
    run.cancel();
    this.#runs.delete(run.builder.id);
  }
}
