import {
  type AssistantMessage,
  CapabilityError,
  callsOf,
  type Message,
  type ToolSchema,
  textOf,
  thinkingOf,
} from "../../protocol/index.ts";
import { dialectOf } from "../audit/traits.ts";
import type { Detected } from "../detect/detect.ts";
import type { Dialect } from "../dialects/index.ts";
import { neutral } from "../history/neutral.ts";
import { toolPrompt } from "../history/tool-prompt.ts";
import { writeCalls } from "../history/write.ts";
import { createParser } from "../parse.ts";
import type { PromptFormat, RenderedPrompt } from "../types.ts";
import { detectGoTemplate, goTraits } from "./detect.ts";
import { type OllamaInput, type OllamaMessage, renderOllama } from "./ollama.ts";
import { parseGoTemplate } from "./parser.ts";

export interface GoPromptInput {
  /** The template of `/api/show`. */
  templateText: string;
  format?: Detected;
  messages: readonly Message[];
  tools: readonly ToolSchema[];
  thinking?: boolean | "low" | "medium" | "high";
  /** Local date, `2026-01-31`. */
  today?: string;
}

/**
 * A conversation as the prompt of an Ollama template, for `/api/generate` with `raw`. Tools are JSON where Ollama itself
 * prints Go structs, and calls that the template would drop or mangle are written as the model writes them. Raises
 * `GoTemplateError` where the template fails.
 */
export function renderGoPrompt(input: GoPromptInput): RenderedPrompt {
  const { templateText } = input;
  const template = parseGoTemplate(templateText);
  const found = input.format ?? detectGoTemplate(templateText);
  const dialect = dialectOf(found);
  const messages = convert(input, dialect);
  const render = (list: readonly OllamaMessage[]): string => {
    const values: OllamaInput = { messages: list, tools: input.tools };
    if (input.thinking !== undefined) values.think = input.thinking;
    if (input.today !== undefined) values.today = input.today;
    return renderOllama(template, values);
  };
  const prompt = render(messages);
  return {
    prompt,
    prefill: lastLine(prompt),
    stablePrefixChars: stable(messages, render),
    stop: stops(dialect, templateText),
  };
}

/** The answer's header: what stands behind the last end of a turn. */
function lastLine(prompt: string): string {
  const ends = [...prompt.matchAll(/<\|(?:im_end|eot_id|end|eot)\|>\n?|<end_of_turn>\n?|<\/s>|\[\/INST\]/g)];
  const last = ends.at(-1);
  return last === undefined ? "" : prompt.slice(last.index + last[0].length);
}

function stable(
  messages: readonly OllamaMessage[],
  render: (list: readonly OllamaMessage[]) => string,
): number {
  const first = messages.findIndex(({ role }) => role === "user");
  if (first < 0) return 0;
  const probe = (text: string): string =>
    render([...messages.slice(0, first), { ...messages[first]!, content: text }]);
  const [a, b] = [probe("Aprobe"), probe("Bprobe")];
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

function stops(dialect: Dialect, template: string): string[] {
  const out = new Set<string>();
  for (const marker of dialect.drop ?? [])
    if (
      /^<(?:\|(?:im_end|eot_id|eom_id|end|eot|end_of_text)|end_of_turn|\/s)/.test(marker) &&
      template.includes(marker)
    )
      out.add(marker);
  for (const token of ["<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>"])
    if (template.includes(token)) out.add(token);
  return [...out];
}

function convert(input: GoPromptInput, dialect: Dialect): OllamaMessage[] {
  const traits = goTraits(input.templateText, dialect);
  const out: OllamaMessage[] = [];
  const inject = input.tools.length > 0 && !traits.tools;
  if (inject && input.messages[0]?.role !== "system")
    out.push({ role: "system", content: toolPrompt(dialect, input.tools) });
  for (let at = 0; at < input.messages.length; at++) {
    const message = input.messages[at]!;
    if (message.content.some((part) => part.type === "image"))
      throw new CapabilityError("A prompt rendered from a chat template can hold text only, not images.");
    if (message.role === "system")
      out.push({
        role: "system",
        content:
          inject && at === 0 ? `${textOf(message)}\n\n${toolPrompt(dialect, input.tools)}` : textOf(message),
      });
    else if (message.role === "user")
      out.push({ role: "user", content: neutral(textOf(message), dialect, input.templateText) });
    else if (message.role === "assistant") {
      out.push(assistant(message, input, dialect, traits.calls));
      const results = followingResults(input.messages, at, message);
      for (const result of results) out.push(toolMessage(result, input, dialect, traits.results));
      at += results.length;
    } else out.push(toolMessage(message, input, dialect, traits.results));
  }
  return out;
}

function assistant(
  message: AssistantMessage,
  input: GoPromptInput,
  dialect: Dialect,
  byTemplate: boolean,
): OllamaMessage {
  const calls = callsOf(message);
  const text = textOf(message);
  const thinking = thinkingOf(message);
  const { raw } = message;
  // Verbatim, but for thinking, which the template places by itself.
  if (raw?.format === dialect.id && raw.text !== "" && !/<\/?think/.test(raw.text))
    return { role: "assistant", content: raw.text };
  const base: OllamaMessage = { role: "assistant", content: text, ...(thinking === "" ? {} : { thinking }) };
  if (calls.length === 0) return base;
  // Most of Ollama's templates show either the text or the calls.
  const written = byTemplate && text === "" ? undefined : writeCalls(dialect, calls, input.tools);
  if (written !== undefined) return { ...base, content: text === "" ? written : `${text}\n${written}` };
  return { ...base, calls: calls.map(({ id, name, arguments: args }) => ({ id, name, arguments: args })) };
}

type ToolResult = Extract<Message, { role: "tool" }>;

function followingResults(messages: readonly Message[], at: number, message: AssistantMessage): ToolResult[] {
  const results: ToolResult[] = [];
  for (let next = at + 1; next < messages.length; next++) {
    const result = messages[next]!;
    if (result.role !== "tool") break;
    results.push(result);
  }
  const order = new Map(callsOf(message).map((call, index) => [call.id, index]));
  return results.sort(
    (a, b) => (order.get(a.callId) ?? results.length) - (order.get(b.callId) ?? results.length),
  );
}

function toolMessage(
  result: ToolResult,
  input: GoPromptInput,
  dialect: Dialect,
  shown: boolean,
): OllamaMessage {
  const content = neutral(textOf(result), dialect, input.templateText);
  if (!shown) return { role: "user", content: `<tool_response>\n${content}\n</tool_response>` };
  return { role: "tool", content, toolName: result.name, toolCallId: result.callId };
}

/** A model of Ollama's as one that takes raw text: how to write to it and how to read it. */
export function goTemplateFormat(
  options: Pick<GoPromptInput, "templateText" | "format" | "today">,
): PromptFormat {
  const dialect = dialectOf(options.format ?? detectGoTemplate(options.templateText));
  return {
    id: dialect.id,
    render: (input) => renderGoPrompt({ ...options, ...input }),
    parser: (parse) => createParser(dialect, parse),
  };
}
