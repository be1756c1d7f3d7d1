import { createInterface } from "node:readline/promises";
import type { Approver, AskUser } from "hearth";
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

/** The person at the terminal, as a run asks them. */
export interface Person {
  /** Whether a call may run. Anything but a clear yes is no. */
  ask: Exclude<Approver, string>;
  /** What the model wants to know. */
  askUser: AskUser;
}

/** One question at a time, though calls run side by side. */
export function personAtTerminal(
  status: StatusLine,
  note: (text: string) => void,
  question: Question = askOnce,
): Person {
  let before: Promise<unknown> = Promise.resolve();
  const inTurn = (text: string, prompt: string, signal: AbortSignal): Promise<string | undefined> => {
    const asked = before.then(() => {
      status.clear();
      note(text);
      return question(prompt, signal);
    });
    before = asked.catch(() => undefined);
    return asked;
  };
  return {
    async ask({ why, name, arguments: args }, signal) {
      const call = `${plain(why)}\n  ${plain(`${name} ${JSON.stringify(args)}`)}`;
      const word = (await inTurn(call, "Run it? [y/N] ", signal)) ?? "";
      return { decision: /^\s*(y|yes)\s*$/i.test(word) ? "approve" : "refuse", by: "terminal" };
    },
    askUser: (asked, signal) => inTurn(`The model asks: ${plain(asked)}`, "Your answer: ", signal),
  };
}
