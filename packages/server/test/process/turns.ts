import { lastText, type Turn, type Turns } from "./support.ts";

/** What the engine says to what is asked last: the same for every client, so that all are tested on the same cases. */
const ANSWERS: readonly (readonly [asked: RegExp, turn: Turn])[] = [
  [/for ever/, { text: "word ".repeat(2000), gapMs: 10, textChunk: 5 }],
  [/think/i, { thinking: "Let me see. Two and two.", text: "Four." }],
  [
    /leak/i,
    { text: 'Let me look.\n<tool_call>\n{"name": "add", "arguments": {"a": 1, "b": 2}}\n</tool_call>' },
  ],
  [/wrong types/i, { calls: [{ name: "add", args: { a: "2", b: "3" } }] }],
  [
    /two calls/i,
    {
      text: "Both.",
      calls: [
        { name: "add", args: { a: 1, b: 2 } },
        { name: "add", args: { a: 3, b: 4 } },
      ],
    },
  ],
  [/letter/i, { calls: [{ name: "send_letter", args: { to: "Ann" } }] }],
  [/sum/i, { calls: [{ name: "add", args: { a: 2, b: 3 } }] }],
  [/call one of these tools now/i, { text: '{"name":"add","arguments":{"a":7,"b":8}}' }],
  [/JSON Schema/, { text: '{"city":"Oslo"}' }],
  [/cut/i, { text: "This answer is cu", finish: "length" }],
  [/broken/i, { status: 500 }],
  [/long silence/i, { hang: true }],
];

export const turns: Turns = (body) => {
  const { messages = [] } = body;
  if (messages.at(-1)?.role === "tool") return { text: `The result is ${lastText(body)}.` };
  const asked = lastText(body);
  return ANSWERS.find(([pattern]) => pattern.test(asked))?.[1] ?? { text: "Hello, you there.", textChunk: 4 };
};
