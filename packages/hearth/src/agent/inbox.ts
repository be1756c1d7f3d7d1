import type { Journal, Lease, Signal } from "../journal/index.ts";
import { type ApprovalAnswer, approvalHash } from "../policy/index.ts";
import {
  CancelledError,
  isObject,
  type JsonObject,
  type JsonValue,
  StaleWriterError,
  type Tool,
} from "../protocol/index.ts";
import { checkArguments } from "../schema/index.ts";
import type { Recorder } from "./recorder.ts";
import type { RunState } from "./state.ts";

/** How often the journal is asked for signals while a step goes on: a cancel from another process takes this long at most. */
const POLL_MS = 500;

interface Parts {
  journal: Journal;
  recorder: Recorder;
  state: RunState;
  tools: ReadonlyMap<string, Tool>;
  controller: AbortController;
}

/** What others say to a run while it goes on: cancels, approvals and words of the user, from this process or through the journal. */
export class Inbox {
  readonly #parts: Parts;
  readonly #words: string[];
  readonly #waiting = new Map<string, (answer: ApprovalAnswer) => void>();
  #lease: Lease | undefined;
  #polling: Promise<void> | undefined;

  /** `words` is shared with the run, whose `steer` adds to it. */
  constructor(parts: Parts, words: string[]) {
    this.#parts = parts;
    this.#words = words;
  }

  /** Looks for signals now and then until `over` fires. */
  open(lease: Lease, over: AbortSignal): void {
    this.#lease = lease;
    const timer = setInterval(() => void this.poll(), POLL_MS).unref();
    over.addEventListener("abort", () => clearInterval(timer), { once: true });
  }

  /** Words for the next step, taken out. */
  take(): string[] {
    return this.#words.splice(0);
  }

  /** Whether the user has said something that no step has seen. */
  get hasWords(): boolean {
    return this.#words.length > 0;
  }

  /** The answer to this call that comes through the journal, if one comes. */
  answerTo(callId: string): { answer: Promise<ApprovalAnswer>; stop(): void } {
    const answer = new Promise<ApprovalAnswer>((resolve) => this.#waiting.set(callId, resolve));
    return { answer, stop: () => this.#waiting.delete(callId) };
  }

  /** Takes what the journal has for this run. A promise only where the journal answers with one. */
  poll(): Promise<void> | undefined {
    const { journal } = this.#parts;
    if (this.#lease === undefined) return undefined;
    if (this.#polling !== undefined) return this.#polling;
    try {
      const signals = journal.receive(this.#lease);
      if (!(signals instanceof Promise)) return this.#takeAll(signals);
      this.#polling = signals
        .then((list) => this.#takeAll(list))
        .catch((error: unknown) => this.#failed(error))
        .finally(() => {
          this.#polling = undefined;
        });
      return this.#polling;
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** Whoever lost the run stops at once; any other fault of the journal comes up with the next append. */
  #failed(error: unknown): undefined {
    if (error instanceof StaleWriterError) this.#parts.controller.abort(error);
    return undefined;
  }

  #takeAll(signals: readonly Signal[]): undefined {
    for (const signal of signals) {
      if (signal.kind === "cancel")
        this.#parts.controller.abort(new CancelledError(`cancelled by ${signal.by}`));
      else if (signal.kind === "steer") this.#words.push(signal.text);
      else this.#approval(signal);
    }
    return undefined;
  }

  #approval(signal: Extract<Signal, { kind: "approval" }>): void {
    const { recorder } = this.#parts;
    const answer = this.#answerOf(signal);
    if (typeof answer === "string") {
      recorder.emit({
        type: "notice",
        text: `An approval of ${signal.callId} by ${signal.by} does not count: ${answer}.`,
      });
      return;
    }
    const waiting = this.#waiting.get(signal.callId);
    if (waiting === undefined) recorder.emit({ type: "approval.given", callId: signal.callId, ...answer });
    else waiting(answer);
  }

  /** The answer, or why it does not count. */
  #answerOf(signal: Extract<Signal, { kind: "approval" }>): ApprovalAnswer | string {
    const { state, tools } = this.#parts;
    const { callId, decision, by, hash } = signal;
    const asked = state.asked.get(callId);
    if (asked === undefined) return "nobody was asked about it";
    if (state.results.has(callId)) return "it has its result already";
    if (decision === "refuse") return { decision, by };
    if (hash !== undefined && hash !== approvalHash(asked.name, asked.arguments))
      return "what was approved is not what was asked for";
    if (signal.arguments === undefined) return { decision, by };
    const edited = parseObject(signal.arguments);
    if (edited === undefined) return "the edited arguments are no JSON object";
    const tool = tools.get(asked.name);
    const checked = tool === undefined ? undefined : checkArguments(tool.parameters, edited);
    if (checked?.ok === false) return `the edited arguments do not fit. ${checked.message}`;
    return { decision, by, arguments: checked?.value ?? edited };
  }
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
