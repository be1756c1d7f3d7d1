import { createInterface } from "node:readline/promises";
import type { Approver } from "hearth";
import { plain } from "./plain.ts";
import type { StatusLine } from "./status.ts";

/** Asks for one line; rejects when aborted. `undefined`: the person has gone. */
export type Question = (prompt: string, signal: AbortSignal) => Promise<string | undefined>;

/** A question on stdin and stderr, for commands that read nothing else from the terminal. */
export const askOnce: Question = async (prompt, signal) => {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(prompt, { signal });
  } finally {
    lines.close();
  }
};

/** Asks the person at the terminal whether a call may run. Anything but a clear yes is no. */
export function askAtTerminal(
  status: StatusLine,
  note: (text: string) => void,
  question: Question = askOnce,
): Exclude<Approver, string> {
  // One question at a time, though calls run side by side.
  let before: Promise<unknown> = Promise.resolve();
  return (request, signal) => {
    const asked = before.then(async () => {
      status.clear();
      note(`${plain(request.why)}\n  ${plain(`${request.name} ${JSON.stringify(request.arguments)}`)}`);
      const word = (await question("Run it? [y/N] ", signal)) ?? "";
      const decision = /^\s*(y|yes)\s*$/i.test(word) ? ("approve" as const) : ("refuse" as const);
      return { decision, by: "terminal" };
    });
    before = asked.catch(() => undefined);
    return asked;
  };
}
