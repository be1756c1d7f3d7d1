import {
  type AssistantMessage,
  type ImageBlock,
  type Message,
  systemMessage,
  type TextBlock,
  type ToolChoice,
  type ToolSchema,
  text,
  userMessage,
} from "hearth";
import { RequestError } from "../../problem.ts";
import { argumentsOf, imageOf, known, present, thinkOf, toolSchema } from "../model/read.ts";
import type { Question } from "../model/types.ts";
import type { InputItem, ResponseBody } from "./schema.ts";

/** `before`: what the response before had seen and said, without its instructions. */
export function questionOf(body: ResponseBody, before: readonly Message[]): Question {
  const tools = (body.tools ?? []).map((tool) => toolSchema(tool.name, tool.description, tool.parameters));
  const schema = schemaOf(body);
  const think = thinkOf(body.reasoning?.effort);
  const instructions = body.instructions ? [systemMessage(body.instructions)] : [];
  return {
    model: body.model,
    messages: [...instructions, ...before, ...inputMessages(body, before)],
    tools,
    toolChoice: toolChoiceOf(body, tools),
    parallelCalls: body.parallel_tool_calls !== false,
    sampling: present({
      temperature: body.temperature,
      topP: body.top_p,
      maxTokens: body.max_output_tokens,
    }),
    ...(think === undefined ? {} : { think }),
    ...(schema === undefined ? {} : { responseSchema: schema }),
  };
}

/** The input as messages. Items of one turn of the model (thinking, text, calls) become one message. */
export function inputMessages({ input }: ResponseBody, before: readonly Message[]): Message[] {
  if (typeof input === "string") return [userMessage(input)];
  const names = new Map<string, string>();
  for (const message of before) {
    if (message.role !== "assistant") continue;
    for (const block of message.content) if (block.type === "call") names.set(block.id, block.name);
  }
  const out: Message[] = [];
  for (const [i, item] of input.entries()) add(out, item, `input[${i}]`, names);
  return out;
}

function add(out: Message[], item: InputItem, at: string, names: Map<string, string>): void {
  switch (item.type ?? "message") {
    case "message":
      if (item.role === "assistant") turnOf(out).content.push(...textBlocks(item, at));
      else if (item.role === "user")
        out.push({ role: "user", content: blocks(item.content, `${at}.content`) });
      else if (item.role === "system" || item.role === "developer")
        out.push({ role: "system", content: textBlocks(item, at) });
      else throw new RequestError(400, `\`${at}.role\` is missing.`, { param: `${at}.role` });
      return;
    case "reasoning": {
      const parts = typeof item.content === "string" ? [] : (item.content ?? item.summary ?? []);
      const thought = parts.map((part) => part.text ?? "").join("");
      if (thought !== "") turnOf(out).content.push({ type: "thinking", text: thought });
      return;
    }
    case "function_call": {
      const id = needed(item.call_id, `${at}.call_id`);
      const name = needed(item.name, `${at}.name`);
      names.set(id, name);
      turnOf(out).content.push({ type: "call", id, name, arguments: argumentsOf(item.arguments) });
      return;
    }
    case "function_call_output": {
      const callId = needed(item.call_id, `${at}.call_id`);
      const content = blocks(item.output, `${at}.output`);
      out.push({ role: "tool", callId, name: names.get(callId) ?? "", content, ok: true });
      return;
    }
    case "item_reference":
      throw new RequestError(400, `\`${at}\`: references to items are not kept here; send the item itself.`, {
        param: at,
      });
  }
}

/** The model's turn that is being written down. */
function turnOf(out: Message[]): AssistantMessage {
  const last = out.at(-1);
  if (last?.role === "assistant") return last;
  const turn: AssistantMessage = { role: "assistant", content: [] };
  out.push(turn);
  return turn;
}

function needed(value: string | null | undefined, param: string): string {
  if (value) return value;
  throw new RequestError(400, `\`${param}\` is missing.`, { param });
}

function textBlocks(item: InputItem, at: string): TextBlock[] {
  return blocks(item.content, `${at}.content`).map((block) => {
    if (block.type === "text") return block;
    throw new RequestError(400, `\`${at}\`: only the user's messages can hold images.`, { param: at });
  });
}

function blocks(content: InputItem["content"], at: string): (TextBlock | ImageBlock)[] {
  if (content === null || content === undefined || content === "") return [];
  if (typeof content === "string") return [text(content)];
  return content.map((part, i) => {
    if (part.type === "input_image" && part.image_url)
      return imageOf(part.image_url, `${at}[${i}].image_url`);
    if (part.type !== "input_image" && part.type !== "input_file")
      return text(part.text ?? part.refusal ?? "");
    throw new RequestError(
      400,
      `\`${at}[${i}]\`: files are not kept here; send text, or an image as a data URL.`,
      {
        param: `${at}[${i}]`,
      },
    );
  });
}

function toolChoiceOf({ tool_choice: choice }: ResponseBody, tools: readonly ToolSchema[]): ToolChoice {
  if (choice === null || choice === undefined) return "auto";
  if (typeof choice === "object") return known(tools, choice.name, "tool_choice");
  if (choice === "required" && tools.length === 0)
    throw new RequestError(400, "`tool_choice` is `required`, but there are no tools.", {
      param: "tool_choice",
    });
  return choice;
}

function schemaOf({ text: wish }: ResponseBody): Question["responseSchema"] {
  const format = wish?.format;
  if (format === null || format === undefined || format.type === "text") return undefined;
  if (format.type === "json_object") return { type: "object" };
  if (format.schema !== null && format.schema !== undefined) return format.schema;
  throw new RequestError(400, "`text.format` of the type `json_schema` needs a schema.", {
    param: "text.format.schema",
  });
}
