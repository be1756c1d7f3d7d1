import type { Readable } from "node:stream";
import { type Message, type Run, textOf } from "hearth";
import type { CommandContext } from "../command.ts";
import type { LineEditor } from "../terminal/editor.ts";
import { clipped } from "../terminal/plain.ts";
import { paintFor } from "../terminal/style.ts";
import { plainLines } from "./lines.ts";

/** Where messages come from, and what can be done while one is answered. */
export interface Source {
  readonly atTerminal: boolean;
  /** The next line, `more` where it belongs to the one before; `undefined` at the end. */
  next(more: boolean): Promise<string | undefined>;
  /** While a run goes on; the function given back ends that, and is told what the run has heard. */
  during(run: Run): (heard: readonly Message[]) => void;
}

/** Each line of a file or pipe is a message. */
export function pipedSource(stream: Readable, signal: AbortSignal): Source {
  const lines = plainLines(stream, signal);
  return {
    atTerminal: false,
    next: async () => (await lines.next()).value ?? undefined,
    during: () => () => undefined,
  };
}

/** A person: Ctrl-C stops the answer, and twice the session; what is typed meanwhile goes to the model with its next step. */
export function terminalSource(editor: LineEditor, { out, signal }: CommandContext): Source {
  const paint = paintFor(process.stderr);
  let warned = false;
  /** Lines typed while the model worked that it has not heard. */
  const queued: string[] = [];
  return {
    atTerminal: true,
    async next(more) {
      const ready = queued.shift();
      if (ready !== undefined) return ready;
      let leaving = false;
      const leave = new AbortController();
      try {
        const line = await editor.read(paint("bold", more ? "… " : "> "), {
          signal: AbortSignal.any([signal, leave.signal]),
          onInterrupt() {
            leaving = warned;
            if (leaving) leave.abort();
            else out.note("\nOnce more, or Ctrl-D, ends the session.");
            warned = true;
          },
        });
        warned = false;
        if (line === undefined) out.raw("\n");
        return line;
      } catch (error) {
        if (leaving || signal.aborted) return undefined;
        throw error;
      }
    },
    during(run) {
      let stopping = false;
      const told: string[] = [];
      const stop = editor.listen({
        interrupt() {
          if (stopping) process.exit(130);
          stopping = true;
          out.note("\nStopping; once more ends the session.");
          run.cancel("interrupted");
        },
        line(text) {
          out.note(paint("dim", `» ${clipped(text, Math.max(20, out.columns - 2))}`));
          told.push(text);
          // A command of the chat waits for its end.
          if (!text.startsWith("/")) run.steer(text);
        },
      });
      return (heard) => {
        stop();
        const words = heard.filter(({ role }) => role === "user").map(textOf);
        queued.push(...told.filter((text) => !words.some((said) => said.includes(text))));
      };
    },
  };
}
