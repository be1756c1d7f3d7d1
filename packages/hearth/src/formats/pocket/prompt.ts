import {
  type AssistantMessage,
  callsOf,
  isObject,
  type JsonSchema,
  type ToolSchema,
  textOf,
} from "../../protocol/index.ts";
import { jsonText } from "../grammar/index.ts";
import { neutralise } from "../neutralise.ts";
import type { RenderedPrompt, RenderInput } from "../types.ts";
import { partsOf, since } from "./parts.ts";
import { roleOf } from "./roles.ts";

/** What the adapter was trained to end a turn with. */
export const TURN_END = "<|im_end|>";

const turn = (role: string, body: string): string => `<|im_start|>${role}\n${body}${TURN_END}\n`;

/** Characters up to which a description stays whole clauses; beyond it a comma or colon ends it too. */
const SHORT = 48;

/** A description up to the end of its first clause: the adapter reads short lines better than long ones (docs/pocket.md). */
export function firstClause(description: string): string {
  const line = description.trim().split("\n", 1)[0] ?? "";
  const sentence = (/^.*?[^.](?=[.;](?:\s|$)| \(| – | — )/.exec(line)?.[0] ?? line).replace(/[.;]$/, "");
  if (sentence.length <= SHORT) return sentence;
  return (/^.{12,}?(?=[,:] )/.exec(sentence)?.[0] ?? sentence).slice(0, 2 * SHORT);
}

/** What a parameter is for, in words that the adapter has seen: by its role where that is known, else the author's. */
function said(name: string, schema: JsonSchema, optional: boolean): string {
  const described = typeof schema["description"] === "string" ? schema["description"] : "";
  let text = firstClause(described) || name.replaceAll("_", " ");
  if (roleOf(name, schema) === "glob") text = "Name or glob such as *.txt";
  const values = schema["enum"];
  if (Array.isArray(values) && !values.every((value) => text.includes(String(value))))
    text += `: ${values.map(String).join(", ")}`;
  if (!optional || /optional|left out|omitted|default/i.test(text) || typeof schema["default"] === "boolean")
    return text;
  if (schema["default"] === ".") return `${text}, current folder when left out`;
  return roleOf(name, schema) === "glob" ? text : `${text} (optional)`;
}

function parameter(name: string, schema: JsonSchema, optional: boolean): string {
  const type = typeof schema["type"] === "string" ? schema["type"] : typeOf(schema);
  return `${name}: ${type} ${said(name, schema, optional)}`;
}

function typeOf(schema: JsonSchema): string {
  if (Array.isArray(schema["enum"])) return "string";
  return Array.isArray(schema["items"]) || isObject(schema["items"]) ? "array" : "string";
}

/** Numbers with a default are not shown: the grammar offers them where the request says a number. */
const shown = (schema: JsonSchema): boolean =>
  typeof schema["default"] !== "number" || !["integer", "number"].includes(String(schema["type"]));

/** One tool as the adapter knows it: `name(arg: type what, …) - description`. */
export function toolLine(tool: ToolSchema): string {
  const properties = isObject(tool.parameters["properties"]) ? tool.parameters["properties"] : {};
  const required = Array.isArray(tool.parameters["required"]) ? tool.parameters["required"] : [];
  const parameters = Object.entries(properties).flatMap(([name, schema]) => {
    const own = isObject(schema) ? schema : {};
    return required.includes(name) || shown(own) ? [parameter(name, own, !required.includes(name))] : [];
  });
  return neutralise(`${tool.name}(${parameters.join(", ")}) - ${firstClause(tool.description)}`);
}

function answerTurn(message: AssistantMessage): string {
  if (message.raw?.format === "pocket") return turn("assistant", message.raw.text);
  const calls = callsOf(message).map(
    ({ name, arguments: args }) =>
      `<tool_call>\n{"name": ${JSON.stringify(name)}, "arguments": ${jsonText(args)}}\n</tool_call>`,
  );
  return turn("assistant", [neutralise(textOf(message)), ...calls].filter((part) => part !== "").join("\n"));
}

/**
 * The request of now in the shape the adapter was trained on: tools, one request, its calls, their results; several
 * results of one step stand in one turn. Earlier turns and instructions are left out, for the adapter chooses tools
 * worse with them (figures in docs/pocket.md); what earlier results named stays within reach through the grammar.
 */
export function pocketPrompt({ messages, tools }: RenderInput): RenderedPrompt {
  const head = turn(
    "system",
    tools.length > 0 ? `Tools:\n${tools.map(toolLine).join("\n")}` : "Tools:\n(none)",
  );
  const { request, calls, after } = since(messages);
  const parts = partsOf(request);
  const done = calls >= parts.length;
  let body = turn("user", neutralise(done ? request : (parts[calls] ?? request)));
  let results: string[] = [];
  const flush = () => {
    if (results.length > 0) body += turn("user", results.join("\n"));
    results = [];
  };
  for (const message of calls > 0 && !done ? [] : after) {
    if (message.role === "tool")
      results.push(`<tool_response>\n${neutralise(textOf(message))}\n</tool_response>`);
    else if (message.role === "assistant") {
      flush();
      body += answerTurn(message);
    }
  }
  flush();
  return {
    prompt: `${head}${body}<|im_start|>assistant\n`,
    prefill: "",
    stablePrefixChars: head.length,
    stop: [TURN_END],
  };
}
