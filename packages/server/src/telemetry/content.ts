import { callsOf, type Message, textOf, thinkingOf } from "hearth";

/** Longest text of one attribute, in UTF-16 units: collectors refuse bodies of more than a few MB. */
const MAX_TEXT = 64 * 1024;

/** Messages in the form that the conventions give them (gen-ai-input-messages.json), as JSON text. */
export function messagesText(messages: readonly Message[]): string {
  return bounded(JSON.stringify(messages.filter((one) => one.role !== "system").map(messageOf)));
}

/** What stands in the system messages; `undefined` where there is none. */
export function instructionsText(messages: readonly Message[]): string | undefined {
  const parts = messages
    .filter((one) => one.role === "system")
    .map((one) => ({ type: "text", content: textOf(one) }));
  return parts.length === 0 ? undefined : bounded(JSON.stringify(parts));
}

export function bounded(text: string): string {
  return text.length <= MAX_TEXT
    ? text
    : `${text.slice(0, MAX_TEXT).toWellFormed()}…(${text.length} characters)`;
}

function messageOf(message: Message): object {
  if (message.role === "tool") {
    const { callId: id, role } = message;
    return { role, parts: [{ type: "tool_call_response", id, response: textOf(message) }] };
  }
  const parts: object[] = [];
  const text = textOf(message);
  if (message.role === "assistant") {
    const thinking = thinkingOf(message);
    if (thinking !== "") parts.push({ type: "reasoning", content: thinking });
  }
  if (text !== "") parts.push({ type: "text", content: text });
  if (message.role === "assistant") {
    for (const { id, name, arguments: args } of callsOf(message))
      parts.push({ type: "tool_call", id, name, arguments: args });
  } else {
    // A picture is named, not sent: it would be most of the body.
    for (const block of message.content)
      if (block.type === "image") parts.push({ type: "blob", modality: "image", mime_type: block.mediaType });
  }
  return { role: message.role, parts };
}
