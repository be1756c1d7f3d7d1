import {
  type AssistantMessage,
  CapabilityError,
  callsOf,
  type JsonValue,
  type Message,
  type ToolMessage,
  type ToolSchema,
  textOf,
  thinkingOf,
} from "../../protocol/index.ts";
import type { TemplateTraits } from "../audit/types.ts";
import type { Dialect } from "../dialects/index.ts";
import { TemplateError } from "../templates/index.ts";
import { neutral } from "./neutral.ts";
import type { TemplateCall, TemplateMessage } from "./shapes.ts";
import { toolPrompt } from "./tool-prompt.ts";
import { writeCalls } from "./write.ts";

/** A message with the results that answer it, as the template gets it. */
export interface Block {
  messages: TemplateMessage[];
  /** The model's own text, and the same block with a sentinel in its place. */
  raw?: { text: string; marked: TemplateMessage[] };
  fromUser: boolean;
  /** Instructions folded into it, before what the user says. */
  folded?: string;
}

export interface ConvertInput {
  template: string;
  dialect: Dialect;
  traits: TemplateTraits;
  messages: readonly Message[];
  tools: readonly ToolSchema[];
}

/** Stands for raw text while the template renders around it. */
export const RAW_SENTINEL = "Rawanswersentinel";

/** A conversation as blocks for a template, with what it would lose put another way. Raises where it can't be said at all. */
export function convert(input: ConvertInput): Block[] {
  const { messages } = input;
  const { blocks, system } = leading(input);
  let folded = system;
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at]!;
    if (message.role === "system") {
      if (at >= leadingSystem(messages))
        blocks.push(block([{ role: "user", content: textOf(message) }], true));
    } else if (message.role === "user") {
      const text = userText(message, input);
      const head = folded === undefined ? "" : `${folded}\n\n`;
      folded = undefined;
      blocks.push({ ...block([{ role: "user", content: head + text }], true), folded: head });
    } else if (message.role === "assistant") {
      const results = resultsAfter(messages, at);
      blocks.push(assistantBlock(message, results, input));
      at += results.length;
    } else blocks.push(block([resultMessage(message, input)], false));
  }
  return blocks;
}

const block = (messages: TemplateMessage[], fromUser: boolean): Block => ({ messages, fromUser });

function leadingSystem(messages: readonly Message[]): number {
  const first = messages.findIndex((message) => message.role !== "system");
  return first < 0 ? messages.length : first;
}

/** The system prompt with what is injected, as a block of its own or to be folded into the first message of the user. */
function leading(input: ConvertInput): { blocks: Block[]; system: string | undefined } {
  const { messages, tools, traits, dialect } = input;
  const parts = messages.slice(0, leadingSystem(messages)).map(textOf);
  if (tools.length > 0 && traits.tools === false) parts.push(toolPrompt(dialect, tools));
  const text = parts.filter((part) => part !== "").join("\n\n");
  if (text === "" && !(tools.length > 0 && traits.tools === "system"))
    return { blocks: [], system: undefined };
  if (traits.system === "folded") return { blocks: [], system: text };
  return { blocks: [block([{ role: "system", content: text }], false)], system: undefined };
}

function userText(message: Message, input: ConvertInput): string {
  if (message.content.some((part) => part.type === "image"))
    throw new CapabilityError("A prompt rendered from a chat template can hold text only, not images.", {
      remedy: "Use an engine that takes messages for models that see.",
    });
  return neutral(textOf(message), input.dialect, input.template);
}

/** The results right after an assistant's message. */
function resultsAfter(messages: readonly Message[], at: number): ToolMessage[] {
  const results: ToolMessage[] = [];
  for (let next = at + 1; next < messages.length; next++) {
    const message = messages[next]!;
    if (message.role !== "tool") break;
    results.push(message);
  }
  return results;
}

function assistantBlock(
  message: AssistantMessage,
  results: readonly ToolMessage[],
  input: ConvertInput,
): Block {
  const calls = callsOf(message);
  const order = new Map(calls.map((call, index) => [call.id, index]));
  // Most templates never show an id: results are told apart by their order alone.
  const sorted = [...results].sort(
    (a, b) => (order.get(a.callId) ?? calls.length) - (order.get(b.callId) ?? calls.length),
  );
  const answers = sorted.map((result) => resultMessage(result, input));
  const turns = turnsOf(message, answers, input);
  const out: Block = block(turns, false);
  const { raw } = message;
  if (raw !== undefined && raw.format === input.dialect.id && raw.text !== "")
    out.raw = { text: raw.text, marked: [{ role: "assistant", content: RAW_SENTINEL }, ...answers] };
  return out;
}

function turnsOf(
  message: AssistantMessage,
  answers: TemplateMessage[],
  input: ConvertInput,
): TemplateMessage[] {
  const { traits, dialect } = input;
  const calls = callsOf(message);
  const text = textOf(message);
  const head: TemplateMessage = { role: "assistant", content: text };
  const thinking = thinkingOf(message);
  if (thinking !== "" && traits.thinking.field !== undefined) head[traits.thinking.field] = thinking;
  if (calls.length === 0) return [head, ...answers];
  if (traits.calls === "none")
    throw new TemplateError("runtime", "this chat template can't show calls of earlier messages");
  if (traits.calls === "written" || (text !== "" && !traits.besides)) {
    const groups = traits.parallel === "together" ? [calls] : calls.map((call) => [call]);
    const written = groups.map((group) => writeCalls(dialect, group, input.tools));
    if (!written.includes(undefined)) {
      const turns = written.map((part, index): TemplateMessage => {
        if (index > 0) return { role: "assistant", content: part! };
        return { ...head, content: text === "" ? part! : `${text}\n${part}` };
      });
      return interleaved(turns, answers);
    }
  }
  const list = calls.map(
    (call, index): TemplateCall => ({
      id: templateId(call.id, call.name, index, dialect),
      type: "function",
      function: {
        name: call.name,
        arguments: traits.style.arguments === "object" ? call.arguments : JSON.stringify(call.arguments),
      },
    }),
  );
  const content = text === "" ? traits.style.emptyContent : text;
  if (traits.parallel === "together" || list.length === 1)
    return [{ ...head, content, tool_calls: list }, ...answers];
  const empty = traits.style.emptyContent;
  return interleaved(
    list.map(
      (call, index): TemplateMessage => ({
        ...(index === 0 ? { ...head, content } : { role: "assistant", content: empty }),
        tool_calls: [call],
      }),
    ),
    answers,
  );
}

/** Each turn followed by its own result, the last one by all that are left. */
function interleaved(turns: TemplateMessage[], answers: TemplateMessage[]): TemplateMessage[] {
  return turns.flatMap((turn, index) => [
    turn,
    ...answers.slice(index, index < turns.length - 1 ? index + 1 : undefined),
  ]);
}

/** An id in the form the family knows: Mistral wants nine letters and digits, Kimi the function and a counter. */
function templateId(id: string, name: string, index: number, dialect: Dialect): string {
  if (dialect.id === "kimi-k2") return id.startsWith("functions.") ? id : `functions.${name}:${index}`;
  if (!dialect.id.startsWith("mistral")) return id;
  return shortId(id);
}

/** Nine letters and digits that stay the same for the same id. */
function shortId(id: string): string {
  if (/^[a-zA-Z0-9]{9}$/.test(id)) return id;
  let hash = 0x811c9dc5;
  for (const char of id) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0;
  return hash.toString(36).padStart(7, "0").slice(-7) + String(id.length % 100).padStart(2, "0");
}

function resultMessage(result: ToolMessage, input: ConvertInput): TemplateMessage {
  const { traits, dialect, template } = input;
  const text = neutral(textOf(result), dialect, template);
  if (traits.results === "user")
    return { role: "user", content: `<tool_response>\n${text}\n</tool_response>` };
  const id = dialect.id.startsWith("mistral") ? shortId(result.callId) : result.callId;
  return { role: "tool", name: result.name, tool_call_id: id, content: resultContent(text, traits) };
}

/** JSON goes in as an object where the template would encode its text once more. */
function resultContent(text: string, traits: TemplateTraits): JsonValue {
  if (traits.results !== "object" && traits.results !== "parts") return text;
  const trimmed = text.trim();
  if (!/^[{[]/.test(trimmed)) return text;
  try {
    const value = JSON.parse(trimmed) as JsonValue;
    return traits.results === "parts" ? [{ type: "text", text: value }] : value;
  } catch {
    return text;
  }
}
