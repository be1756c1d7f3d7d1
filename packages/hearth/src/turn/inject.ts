import { renderNous } from "../formats/history/index.ts";
import { neutralise } from "../formats/index.ts";
import {
  type AssistantMessage,
  callsOf,
  type Message,
  systemMessage,
  type ToolMessage,
  type ToolSchema,
  text,
  textOf,
  userMessage,
} from "../protocol/index.ts";

/** Id of the format that answers are kept in, so that they go back as they came. */
export const INJECTED = "injected";

/** How calls and results of a conversation are put for a model that knows neither. */
export interface Wording {
  /** The instructions, with what the model must know of the tools. */
  system(instructions: string): string;
  assistant(message: AssistantMessage): string;
  results(messages: readonly ToolMessage[]): string;
}

/** Hermes, as Qwen and Nous models have seen it in training: many others follow it from the prompt alone. */
export function hermesWording(tools: readonly ToolSchema[]): Wording {
  return {
    system: (instructions) => [instructions, renderNous(tools)].filter((part) => part !== "").join("\n\n"),
    assistant: (message) =>
      message.raw?.format === INJECTED
        ? message.raw.text
        : [
            textOf(message),
            ...callsOf(message).map(
              ({ name, arguments: args }) =>
                `<tool_call>\n${JSON.stringify({ name, arguments: args })}\n</tool_call>`,
            ),
          ]
            .filter((part) => part !== "")
            .join("\n"),
    results: (messages) =>
      messages
        .map((message) => `<tool_response>\n${neutralise(textOf(message))}\n</tool_response>`)
        .join("\n"),
  };
}

/** Plain words, for models that keep to no format. */
export const plainWording: Wording = {
  system: (instructions) => instructions,
  assistant: (message) =>
    [
      textOf(message),
      ...callsOf(message).map(({ name, arguments: args }) => `I use ${name} with ${JSON.stringify(args)}.`),
    ]
      .filter((part) => part !== "")
      .join("\n"),
  results: (messages) =>
    messages
      .map(
        (message) =>
          `Result of ${message.name}${message.ok ? "" : " (failed)"}:\n${neutralise(textOf(message))}`,
      )
      .join("\n\n"),
};

/** The conversation in roles that every model knows: system, user, assistant. Results that follow each other are one message. */
export function reworded(messages: readonly Message[], wording: Wording): Message[] {
  const out: Message[] = [];
  let results: ToolMessage[] = [];
  const flush = (): void => {
    if (results.length > 0) out.push(userMessage(wording.results(results)));
    results = [];
  };
  const first = messages[0];
  const system = wording.system(first?.role === "system" ? textOf(first) : "");
  if (system !== "") out.push(systemMessage(system));
  for (const message of first?.role === "system" ? messages.slice(1) : messages) {
    if (message.role === "tool") {
      results.push(message);
      continue;
    }
    flush();
    if (message.role !== "assistant") out.push(message);
    else out.push({ role: "assistant", content: [text(wording.assistant(message))] });
  }
  flush();
  return out;
}
