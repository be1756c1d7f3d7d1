import { createInterface } from "node:readline/promises";
import type { Approver } from "hearth";
import { plain } from "./plain.ts";
import type { StatusLine } from "./status.ts";

/** Asks the person at the terminal whether a call may run. Anything but a clear yes is no. */
export function askAtTerminal(status: StatusLine): Exclude<Approver, string> {
  // One question at a time, though calls run side by side.
  let before: Promise<unknown> = Promise.resolve();
  return (request, signal) => {
    const asked = before.then(async () => {
      status.clear();
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      try {
        const call = plain(`${request.name} ${JSON.stringify(request.arguments)}`);
        const word = await lines.question(`${plain(request.why)}\n  ${call}\nRun it? [y/N] `, { signal });
        const decision = /^\s*(y|yes)\s*$/i.test(word) ? ("approve" as const) : ("refuse" as const);
        return { decision, by: "terminal" };
      } finally {
        lines.close();
      }
    });
    before = asked.catch(() => undefined);
    return asked;
  };
}
