import { type Assembly, type Config, completed } from "@hearth/runtime";
import {
  agent,
  type Chat,
  CLEAN,
  type Message,
  type Outcome,
  type Run,
  type RunEvent,
  type Taint,
} from "hearth";
import type { CommandContext } from "../command.ts";
import { show, type Wired } from "../follow.ts";

/** How full the window was when it was last measured. */
export interface Measured {
  used: number;
  window: number;
}

/** One conversation: its messages, and the parts that answer. */
export class Session {
  readonly #context: CommandContext;
  readonly #wired: Wired;
  #config: Config;
  #parts: Assembly;
  #chat: Chat;
  /** Messages before each exchange, for `/undo`. */
  readonly #before: Message[][] = [];
  #model = "";
  measured: Measured | undefined;
  /** Files that this session has written: only those may be written over. */
  readonly saved = new Set<string>();

  constructor(
    context: CommandContext,
    config: Config,
    wired: Wired,
    history: readonly Message[],
    taint: Taint = CLEAN,
  ) {
    this.#context = context;
    this.#config = config;
    this.#wired = wired;
    this.#parts = wired.parts;
    this.#chat = agent(wired.parts.options).chat(history, taint);
  }

  get parts(): Assembly {
    return this.#parts;
  }

  get messages(): readonly Message[] {
    return this.#chat.messages;
  }

  get config(): Config {
    return this.#config;
  }

  /** The model by name; before the first answer what was asked for. */
  get model(): string {
    return this.#model || (this.#parts.options.model.model ?? "the first that can call tools");
  }

  /** Says something to the model and shows the answer. `started` gets the run while it goes on. */
  async say(text: string, started: (run: Run) => void): Promise<Outcome> {
    const before = [...this.#chat.messages];
    const run = this.#chat.run(text, { signal: this.#context.signal });
    started(run);
    const { json } = this.#config.settings;
    const outcome = await show(this.#context, this.#wired, run, {
      json,
      head: false,
      onEvent: (event) => this.#note(event),
    });
    this.#before.push(before);
    // A call that waits for an approval has no result: what follows could not be sent with it.
    if (outcome.stopReason === "waiting") this.#restart(completed(outcome.messages, outcome.text));
    return outcome;
  }

  #note(event: RunEvent): void {
    if (event.type === "run.started") this.#model = event.model;
    if (event.type === "context.measured") this.measured = { used: event.used, window: event.window };
  }

  /** Goes on from these messages. What was read stays read, though its words are gone: the model's own may hold it. */
  #restart(history: readonly Message[], taint = this.#chat.taint): void {
    this.#chat = agent(this.#parts.options).chat(history, taint);
  }

  /** Forgets what was said. */
  clear(): void {
    this.#before.length = 0;
    this.measured = undefined;
    this.#restart([], CLEAN);
  }

  /** Takes the last exchange back; false where there is none. */
  undo(): boolean {
    const before = this.#before.pop();
    if (before === undefined) return false;
    this.measured = undefined;
    this.#restart(before);
    return true;
  }

  /** Goes on with another model, and everything said so far. Where that fails nothing has changed. */
  async switchTo(config: Config): Promise<void> {
    const messages = [...this.#chat.messages];
    this.#parts = await this.#parts.switchTo(config);
    this.#config = config;
    this.#model = "";
    this.measured = undefined;
    this.#restart(messages);
  }

  async close(): Promise<void> {
    this.#wired.status.clear();
    await this.#parts.close();
  }
}
