import type { RunEvent, StopReason } from "hearth";
import type { Output } from "../output.ts";
import { clipped, plain } from "./plain.ts";
import type { StatusLine } from "./status.ts";
import type { Paint } from "./style.ts";

export interface ViewOptions {
  out: Output;
  status: StatusLine;
  /** For stderr. */
  paint: Paint;
  /** Whether a run begins with a line that names its model. Default true. */
  head?: boolean;
}

type Handlers = { [T in RunEvent["type"]]?: (event: Extract<RunEvent, { type: T }>) => void | Promise<void> };

/**
 * Shows a run to a person: the answer on stdout as it comes (whole at the end where stdout is no terminal), what is done on
 * stderr. Holds no state of the run beyond what is on the screen.
 */
export class RunView {
  readonly #out: Output;
  readonly #status: StatusLine;
  readonly #paint: Paint;
  /** Text of this step that is on the screen. */
  #streamed = "";
  #thinking = false;
  #midLine = false;
  readonly #head: boolean;

  constructor({ out, status, paint, head = true }: ViewOptions) {
    this.#head = head;
    this.#out = out;
    this.#status = status;
    this.#paint = paint;
  }

  async on(event: RunEvent): Promise<void> {
    const handler = this.#handlers[event.type] as ((event: RunEvent) => void | Promise<void>) | undefined;
    await handler?.(event);
  }

  readonly #handlers: Handlers = {
    "run.started": ({ model, engine }) => {
      if (this.#head) this.#line("dim", `${model} on ${engine}`);
    },
    "step.started": () => {
      this.#streamed = "";
    },
    "step.discarded": ({ why }) => this.#line("yellow", `the answer so far is void: ${why}`),
    "thinking.delta": ({ text }) => this.#think(text),
    "text.delta": ({ text }) => this.#text(text),
    "call.ready": ({ name, arguments: args }) => this.#line("cyan", `▸ ${name} ${JSON.stringify(args)}`),
    "call.invalid": ({ name, message }) => this.#line("yellow", `▸ ${name}: ${message}`),
    "call.output": ({ text }) => this.#line("dim", `  ${text}`),
    "call.finished": ({ ok, ms, content }) =>
      this.#line(ok ? "green" : "red", `  ${ok ? "✓" : "✗"} ${duration(ms)} · ${content}`),
    "approval.requested": ({ name, why }) => this.#line("yellow", `  ${name} waits for approval: ${why}`),
    "approval.given": ({ decision, by }) => this.#line("dim", `  ${decision}d by ${by}`),
    "wait.started": ({ for: what, boundMs, position }) => this.#wait(what, boundMs, position),
    "wait.ended": () => this.#status.clear(),
    "guard.tripped": ({ kind, action }) =>
      this.#line("yellow", `the model goes round in circles (${kind}): ${action}`),
    "engine.retried": ({ attempt, message, waitMs }) =>
      this.#line("yellow", `attempt ${attempt} in ${duration(waitMs)}: ${message}`),
    "context.compacted": ({ before, after, how }) =>
      this.#line("dim", `context compacted from ${before} to ${after} tokens (${how})`),
    "context.truncated": ({ expected, actual }) =>
      this.#line("yellow", `the engine read ${actual} tokens of ${expected}: it cut the prompt`),
    notice: ({ text }) => this.#line("dim", text),
    "run.finished": (event) => this.#finish(event),
  };

  #line(style: "dim" | "cyan" | "green" | "yellow" | "red", text: string): void {
    this.#status.clear();
    this.#endLine();
    const indent = text.startsWith("  ") ? "  " : "";
    this.#out.note(this.#paint(style, indent + clipped(text, this.#width - indent.length)));
  }

  get #width(): number {
    return this.#out.stderrIsTerminal ? Math.max(20, this.#out.columns) : 200;
  }

  /** Ends a half-written line, so that notes begin at the margin. */
  #endLine(): void {
    if (!this.#midLine) return;
    this.#out.raw("\n");
    this.#midLine = false;
    this.#thinking = false;
  }

  #think(text: string): void {
    if (!this.#out.stderrIsTerminal) return;
    this.#status.clear();
    if (!this.#thinking) this.#endLine();
    this.#thinking = true;
    this.#midLine = true;
    this.#out.raw(this.#paint("dim", plain(text)));
  }

  async #text(text: string): Promise<void> {
    if (!this.#out.stdoutIsTerminal) return;
    this.#status.clear();
    if (this.#thinking) this.#endLine();
    const shown = plain(text);
    this.#streamed += shown;
    if (shown !== "") this.#midLine = !shown.endsWith("\n");
    await this.#out.write(shown);
  }

  #wait(what: string, boundMs: number | undefined, position: number | undefined): void {
    const place = position === undefined ? "" : `, place ${position} in the queue`;
    const bound = boundMs === undefined ? "" : `, at most ${duration(boundMs)}`;
    this.#endLine();
    this.#status.show(plain(`waiting: ${what}${place}${bound} …`));
  }

  async #finish({ text, stopReason, error }: Extract<RunEvent, { type: "run.finished" }>): Promise<void> {
    this.#status.clear();
    const failed = stopReason === "engine_error" || stopReason === "cancelled";
    const shown = this.#out.stdoutIsTerminal ? plain(text) : text;
    if (!failed && this.#streamed.trim() !== shown.trim()) {
      this.#endLine();
      await this.#out.line(shown);
    } else this.#endLine();
    if (stopReason !== "answer" && error === undefined) {
      this.#line("yellow", `ended without a full answer: ${stopReason}${HINTS[stopReason] ?? ""}`);
    }
  }
}

/** What to do about an end that the run's own text does not say. */
const HINTS: Partial<Record<StopReason, string>> = {
  waiting: " (run it at a terminal, or say --approve auto or never)",
  max_steps: " (--max-steps allows more)",
  timeout: " (--timeout allows more)",
};

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s` : `${Math.round(ms / 60_000)} min`;
}
