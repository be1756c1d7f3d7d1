import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../parse.ts";

const tools = ["a", "b"].map((name) => ({
  name,
  description: "",
  parameters: { type: "object", properties: { x: { type: "integer" } } },
}));

/** Calls as `name:x`, the rest of the text, and what was noticed. */
function read(text: string, format: string): { calls: string; content: string; codes: string } {
  const outcomes = (["whole", 1, 3] as const).map((chunks) => {
    const { calls, content, diagnostics } = parse(text, { format, tools, chunks });
    return {
      calls: calls.map(({ name, arguments: args }) => `${name}:${String(args.x)}`).join(" "),
      content,
      codes: diagnostics.map(({ code }) => code).join(" "),
    };
  });
  for (const one of outcomes) assert.deepEqual(one, outcomes[0], text);
  return outcomes[0]!;
}

/** Every tag behind MiniMax-M3's token, written `|`. */
const m3 = (text: string): string => `|${text}`.replaceAll("|", "]<]minimax[>[");

const table: [what: string, format: string, text: string, calls: string, content?: string, codes?: string][] =
  [
    ["messages follow each other", "functionary-v3.2", '>>>a\n{"x":1}>>>b\n{"x":2}', "a:1 b:2"],
    ["a line break between", "functionary-v3.2", 'a\n{"x":1}\n>>>b\n{"x":2}<|eot_id|>', "a:1 b:2"],
    ["words first", "functionary-v3.2", '>>>all\nSoon.>>>a\n{"x":1}>>>b\n{"x":2}', "a:1 b:2", "Soon."],
    [
      "a bracket missing before the next message",
      "functionary-v3.2",
      '>>>a\n{"x":1>>>b\n{"x":2}',
      "a:1 b:2",
      "",
      "repair.missing-bracket",
    ],
    [
      "a bad message leaves the next one whole",
      "functionary-v3.2",
      '>>>a\n{"x" 1}>>>b\n{"x":2}',
      "b:2",
      '>>>a\n{"x" 1}',
      "malformed-call",
    ],
    [
      "one object a line",
      "tool-calls-json",
      '<tool_calls>\n{"name":"a","arguments":{"x":1}}\n{"name":"b","arguments":{"x":2}}\n</tool_calls>',
      "a:1 b:2",
    ],
    [
      "one object a line, and the closing marker missing",
      "tool-calls-json",
      '<tool_calls>\n{"name":"a","arguments":{"x":1}}\n{"name":"b","arguments":{"x":2}}',
      "a:1 b:2",
      "",
      "missing-close",
    ],
    [
      "a comma at the end of the line",
      "tool-calls-json",
      '<tool_calls>{"name":"a","arguments":{"x":1}},\n{"name":"b","arguments":{"x":2}}</tool_calls>',
      "a:1 b:2",
    ],
    [
      "a bad line leaves its neighbours whole",
      "tool-calls-json",
      '<tool_calls>\n{"name":"a","arguments":{"x":1}}\n{"nome":"b"}\n{"name":"b","arguments":{"x":2}}\n</tool_calls>',
      "a:1 b:2",
      "",
      "malformed-call",
    ],
    [
      "pairs, and the next call before the closing marker",
      "glm",
      "<tool_call>a\n<arg_key>x</arg_key>\n<arg_value>1</arg_value>\n<tool_call>b\n<arg_key>x</arg_key>\n<arg_value>2</arg_value>\n</tool_call>",
      "a:1 b:2",
      "",
      "missing-close",
    ],
    [
      "the next fence opens before this one closes",
      "gemma3",
      "```tool_code\na(x=1)\n```tool_code\nb(x=2)\n```",
      "a:1 b:2",
      "",
      "missing-close",
    ],
    [
      "the wrapper's closing marker missing before the next",
      "minimax-m3",
      m3(
        '<tool_call>|<invoke name="a">|<x>1|</x>|</invoke>\n|<tool_call>|<invoke name="b">|<x>2|</x>|</invoke>|</tool_call>',
      ),
      "a:1 b:2",
      "",
      "missing-close",
    ],
    [
      "the call's own closing tag missing",
      "minimax-m3",
      m3(
        '<tool_call>|<invoke name="a">|<x>1|</x>\n|</tool_call>\n|<tool_call>|<invoke name="b">|<x>2|</x>|</invoke>|</tool_call>',
      ),
      "a:1 b:2",
      "",
      "repair.missing-close",
    ],
    [
      "a wrapper without a call",
      "minimax-m3",
      m3("<tool_call>\n|</tool_call>"),
      "",
      m3("<tool_call>\n|</tool_call>"),
      "marker-without-call",
    ],
  ];

for (const [what, format, text, calls, content = "", codes = ""] of table)
  test(`${format}: ${what}`, () => assert.deepEqual(read(text, format), { calls, content, codes }));
