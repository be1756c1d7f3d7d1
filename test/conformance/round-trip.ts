import { dialectOf } from "../../packages/hearth/src/formats/audit/traits.ts";
import { detect, sameJson } from "../../packages/hearth/src/formats/detect/index.ts";
import { renderPrompt } from "../../packages/hearth/src/formats/history/index.ts";
import { type Parsed, parse } from "../../packages/hearth/src/formats/parse.ts";
import type { CallBlock, Message, ToolSchema } from "../../packages/hearth/src/protocol/index.ts";

const text = (value: string): { type: "text"; text: string } => ({ type: "text", text: value });

export const tools: ToolSchema[] = [
  {
    name: "measure",
    description: "Measure a thing.",
    parameters: {
      type: "object",
      properties: {
        thing: { type: "string", description: "What." },
        times: { type: "integer", description: "How often." },
        exact: { type: "boolean", description: "Exactly or not." },
      },
      required: ["thing"],
    },
  },
  {
    name: "report",
    description: "Report.",
    parameters: {
      type: "object",
      properties: { to: { type: "string", description: "Whom." } },
      required: ["to"],
    },
  },
];

const calls: CallBlock[] = [
  {
    type: "call",
    id: "call_1",
    name: "measure",
    arguments: { thing: "the old bridge", times: 2, exact: true },
  },
  { type: "call", id: "call_2", name: "report", arguments: { to: "Frida" } },
];

const conversation: Message[] = [
  { role: "system", content: [text("Sayonlythetruth.")] },
  { role: "user", content: [text("Howlongisit?")] },
  { role: "assistant", content: calls },
  // Out of order on purpose: they must go in the order of the calls.
  { role: "tool", callId: "call_2", name: "report", ok: true, content: [text("Secondresult")] },
  { role: "tool", callId: "call_1", name: "measure", ok: true, content: [text('{"metres": "Firstresult"}')] },
];

/** What a rendered conversation of two calls and their results has lost; empty where nothing. */
export function lostInPrompt(template: string): string[] {
  const found = detect(template);
  const lost: string[] = [];
  const { prompt, prefill, stablePrefixChars } = renderPrompt({
    templateText: template,
    messages: conversation,
    tools,
    clock: "2026-01-02T03:04:05",
  });
  const once = (part: string): void => {
    const count = prompt.split(part).length - 1;
    if (count !== 1) lost.push(`${part} stands there ${count} times`);
  };
  for (const part of ["Sayonlythetruth.", "Howlongisit?", "Firstresult", "Secondresult"]) once(part);
  for (const tool of tools)
    if (!prompt.includes(tool.description)) lost.push(`tool ${tool.name} is not shown`);
  if (prompt.includes('\\"metres')) lost.push("the JSON result is encoded twice");
  if (prompt.indexOf("Firstresult") > prompt.indexOf("Secondresult")) lost.push("results out of order");
  if (!prompt.endsWith(prefill)) lost.push("the prefill is not the prompt's end");
  if (stablePrefixChars > prompt.indexOf("Howlongisit?"))
    lost.push("the stable prefix reaches into what the user says");
  const answer = prompt.slice(prompt.indexOf("Howlongisit?") + "Howlongisit?".length);
  const pieces = [
    answer.slice(0, answer.indexOf("Firstresult")),
    answer.slice(answer.indexOf("Firstresult"), answer.indexOf("Secondresult")),
  ];
  const read = pieces.flatMap((piece) => readCalls(piece, template));
  const same =
    read.length === 2 &&
    read.every((call, at) => call.name === calls[at]!.name && sameJson(call.arguments, calls[at]!.arguments));
  if (!same) lost.push(`calls read back as ${JSON.stringify(read)} (${found.format})`);
  return lost;
}

/** Calls in a part of a prompt that holds other things too: the turn's header, the beginning of a result. */
function readCalls(piece: string, template: string): Parsed["calls"] {
  const dialect = dialectOf(detect(template));
  const read = starts(piece).map(
    (start) => parse(piece.slice(start), { format: dialect, tools, prefill: piece.slice(0, start) }).calls,
  );
  return read.reduce((best, found) => (found.length > best.length ? found : best), []);
}

/** Where the model's own text may begin: at the start, and after each thing that can end a header. */
function starts(piece: string): number[] {
  const ends = [...piece.matchAll(/[>\]\n:]/g)].map((match) => match.index + 1);
  return [...ends.slice(0, 12), 0];
}
