import { callsOf, type Message, type StopReason, textOf } from "../protocol/index.ts";

const WHY: Record<StopReason, string> = {
  answer: "answered",
  max_steps: "the limit of steps was reached",
  loop: "the model repeated itself without progress",
  budget: "the budget of tokens or calls is used up",
  denied: "too many calls were refused",
  handoff: "the model gave no answer",
  waiting: "it waits for an approval",
  approval_refused: "an approval was refused",
  context: "the conversation no longer fits the model's window",
  timeout: "the time limit was reached",
  cancelled: "it was cancelled",
  engine_error: "the engine failed",
};

/**
 * What a run that did not end with an answer leaves behind: why it stopped, what was reached, what is missing.
 * Made from the log alone, so that it is there whatever failed.
 */
export function handOffText(reason: StopReason, messages: readonly Message[], detail?: string): string {
  const lines = [`Not finished: ${detail ?? WHY[reason]}.`.replace(/\.\.$/, ".")];
  const said = lastText(messages);
  if (said !== "") lines.push(`The model's last words: ${said}`);
  const results = lastResults(messages);
  if (results.length > 0) lines.push("Reached:", ...results);
  else if (said === "") lines.push("Nothing was reached before that.");
  return lines.join("\n");
}

function lastText(messages: readonly Message[]): string {
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i]!;
    if (message.role === "user") return "";
    if (message.role === "assistant" && textOf(message).trim() !== "")
      return shorten(textOf(message).trim(), 500);
  }
  return "";
}

/** The last three results that worked, one line each. */
function lastResults(messages: readonly Message[]): string[] {
  const lines: string[] = [];
  for (let i = messages.length - 1; i >= 0 && lines.length < 3; i--) {
    const message = messages[i]!;
    if (message.role !== "tool" || !message.ok) continue;
    const made = callOf(messages, message.callId);
    lines.unshift(`- ${message.name}(${made}): ${shorten(textOf(message).replace(/\s+/g, " "), 160)}`);
  }
  return lines;
}

function callOf(messages: readonly Message[], callId: string): string {
  for (const message of messages) {
    if (message.role !== "assistant") continue;
    const call = callsOf(message).find((block) => block.id === callId);
    if (call !== undefined) return shorten(JSON.stringify(call.arguments), 80);
  }
  return "";
}

function shorten(value: string, most: number): string {
  return value.length <= most ? value : value.slice(0, most - 1).toWellFormed() + "…";
}
