import { callsOf, type Message } from "../protocol/index.ts";

/** Asked at the end of the same prompt, so that its prefix and with it the KV cache stay. */
export const SUMMARY_REQUEST = `The conversation is about to be shortened. Write down what is needed to go on, under these headings, each short and exact:
Constraints: rules and wishes the user stated
Facts: names, numbers, ids and results found so far
Done: steps taken and their outcome
Failed: what was tried and did not work
Next: what is still to be done
Write only this. Do not call a tool.`;

/** Argument names that hold a path. */
const PATH_NAME = /^(?:path|file|filename|file_path|dir|directory|folder|source|destination|from|to)$/i;
const CONSTRAINT =
  /\b(?:must|never|always|only|don't|do not|without|at most|at least|exactly|no more than)\b/i;

/** Files that calls have named, in order of first mention: models lose these in summaries, so they are kept by rule. */
export function filesIn(messages: readonly Message[]): string[] {
  const files = new Set<string>();
  for (const message of messages) {
    if (message.role !== "assistant") continue;
    for (const call of callsOf(message)) {
      for (const [name, value] of Object.entries(call.arguments)) {
        if (typeof value === "string" && value !== "" && PATH_NAME.test(name)) files.add(value);
      }
    }
  }
  return [...files];
}

/** Sentences of the user that set a rule; kept word for word. */
export function constraintsIn(messages: readonly Message[]): string[] {
  const rules = new Set<string>();
  for (const message of messages) {
    if (message.role !== "user") continue;
    for (const block of message.content) {
      if (block.type !== "text" || block.text === SUMMARY_REQUEST) continue;
      for (const sentence of block.text.split(/(?<=[.!?\n])\s+/)) {
        if (CONSTRAINT.test(sentence) && sentence.length < 400) rules.add(sentence.trim());
      }
    }
  }
  return [...rules];
}

/** The message that stands for what was cut: the model's summary, and what is kept by rule. */
export function summaryMessage(
  summary: string,
  files: readonly string[],
  constraints: readonly string[],
): string {
  const parts = [
    "[Summary of the conversation so far; older messages were removed to make room.]",
    summary.trim(),
  ];
  if (constraints.length > 0)
    parts.push(`The user's own words on how to do it:\n${constraints.map((c) => `- ${c}`).join("\n")}`);
  if (files.length > 0) parts.push(`Files seen so far: ${files.join(", ")}`);
  return parts.join("\n\n");
}
