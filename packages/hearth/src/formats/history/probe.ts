import type { JsonObject, ToolSchema } from "../../protocol/index.ts";
import { renderTemplate, TemplateError } from "../templates/index.ts";
import { type TemplateCall, type TemplateInput, type TemplateMessage, templateTool } from "./shapes.ts";

/** Tools for probing: every parameter described, for some templates read the description unasked. */
export const PROBE_TOOLS: readonly ToolSchema[] = [
  {
    name: "get_weather",
    description: "Tell the weather.",
    parameters: {
      type: "object",
      properties: {
        city: { type: "string", description: "Where." },
        days: { type: "integer", description: "How many." },
      },
      required: ["city"],
    },
  },
  {
    name: "find_train",
    description: "Find a train.",
    parameters: {
      type: "object",
      properties: { goal: { type: "string", description: "Where to." } },
      required: ["goal"],
    },
  },
];

export interface ProbeCall {
  name: string;
  arguments: JsonObject;
}

export const FIRST_CALL: ProbeCall = { name: "get_weather", arguments: { city: "Oslosentinel", days: 3 } };
export const SECOND_CALL: ProbeCall = { name: "find_train", arguments: { goal: "Bergensentinel" } };
export const USER_TEXT = "Usersentinel one";

/** How a template wants calls written: what differs between families and is found out by trying. */
export interface CallStyle {
  arguments: "object" | "text";
  /** What stands as the text of a message that only calls. */
  emptyContent: "" | null;
}

export const CALL_STYLES: readonly CallStyle[] = [
  { arguments: "object", emptyContent: "" },
  { arguments: "object", emptyContent: null },
  { arguments: "text", emptyContent: "" },
  { arguments: "text", emptyContent: null },
];

/** Nine letters and digits: the one form of id that every template takes. */
export const probeId = (index: number): string => `call0000${index + 1}`;

export const userMessage = (content = USER_TEXT): TemplateMessage => ({ role: "user", content });

export function callMessage(calls: readonly ProbeCall[], style: CallStyle, firstId = 0): TemplateMessage {
  const tool_calls = calls.map(
    (call, at): TemplateCall => ({
      id: probeId(firstId + at),
      type: "function",
      function: {
        name: call.name,
        arguments: style.arguments === "object" ? call.arguments : JSON.stringify(call.arguments),
      },
    }),
  );
  return { role: "assistant", content: style.emptyContent, tool_calls };
}

export const resultMessage = (call: ProbeCall, index: number, content: unknown): TemplateMessage => ({
  role: "tool",
  name: call.name,
  tool_call_id: probeId(index),
  content: content as TemplateMessage["content"] & string,
});

/** A clock of its own, so that probing gives the same at any time. */
const CLOCK = "2026-01-02T03:04:05";

/** Renders, leniently where only that works; undefined where the template refuses. What is no fault of the template is thrown. */
export function tryRender(
  template: string,
  messages: readonly TemplateMessage[],
  options: {
    tools?: boolean;
    generation?: boolean;
    extra?: Readonly<Record<string, unknown>>;
    strict?: boolean;
  } = {},
): string | undefined {
  const { tools = true, generation = false, extra } = options;
  const input: TemplateInput = {
    messages: [...messages],
    add_generation_prompt: generation,
    bos_token: "<BOS>",
    eos_token: "<EOS>",
    ...extra,
  };
  if (tools) Object.assign(input, toolVariables(template, PROBE_TOOLS));
  if (needsDate(template)) input["datetime"] = "January 02 2026, 03:04:05 AM GMT";
  const strict = attempt(template, input, false);
  return strict === undefined && options.strict !== true ? attempt(template, input, true) : strict;
}

function attempt(template: string, input: TemplateInput, lenient: boolean): string | undefined {
  try {
    return renderTemplate(template, input, { clock: CLOCK, lenient });
  } catch (error) {
    if (error instanceof TemplateError) return undefined;
    throw error;
  }
}

/** FireFunction wants the date as a variable. */
export const needsDate = (template: string): boolean =>
  /\bdatetime\b/.test(template) && !/strftime_now/.test(template);

/** Tools under the names this template reads: `tools` for nearly all, `xml_tools` for SmolLM3, `functions` for FireFunction. */
export function toolVariables(template: string, tools: readonly ToolSchema[]): JsonObject {
  const list = tools.map(templateTool);
  const variables: JsonObject = { tools: list };
  if (/\bxml_tools\b/.test(template)) variables["xml_tools"] = list;
  if (/\bfunctions\b/.test(template) && !/\btools\b/.test(template))
    variables["functions"] = JSON.stringify(list, null, 4);
  return variables;
}
