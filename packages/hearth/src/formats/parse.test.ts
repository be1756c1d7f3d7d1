import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../protocol/index.ts";
import { createParser, cut, parse } from "./parse.ts";
import type { FormatEvent } from "./types.ts";

const tools = [
  {
    name: "add",
    description: "",
    parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } } },
  },
  { name: "add_all", description: "", parameters: {} },
  {
    name: "write_file",
    description: "",
    parameters: { type: "object", properties: { path: { type: "string" }, content: { type: "string" } } },
  },
];
const wrap = (json: string): string => `<tool_call>\n${json}\n</tool_call>`;

test("an unknown format is refused with the ids there are", () => {
  assert.throws(() => createParser("no-such"), ConfigError);
});

/** Text, the calls it should give, what stays content, and the codes of the diagnostics. */
const hermes: [text: string, calls: string, content: string, codes: string][] = [
  [
    wrap('{"name":"add","arguments":{"a":007}}'),
    "",
    wrap('{"name":"add","arguments":{"a":007}}'),
    "malformed-call",
  ],
  [wrap('{"name":"add","arguments":[1]}'), "", wrap('{"name":"add","arguments":[1]}'), "malformed-call"],
  [
    wrap('{"name":"add","arguments":{"a":1} "b":2}'),
    "",
    wrap('{"name":"add","arguments":{"a":1} "b":2}'),
    "malformed-call",
  ],
  [
    '<tool_call>{"name":"add","arguments":{"a":1',
    "",
    '<tool_call>{"name":"add","arguments":{"a":1',
    "truncated-call",
  ],
  ["Write <tool_call> and then the JSON.", "", "Write <tool_call> and then the JSON.", "marker-without-call"],
  ["<tool_call>{}</tool_call>", "", "<tool_call>{}</tool_call>", "marker-without-call"],
  [wrap("{'name': 'add', 'arguments': {'a': 1}}"), 'add{"a":1}', "", "repair.single-quotes"],
  [wrap('{"name":"add","arguments":{"a":1,},}'), 'add{"a":1}', "", "repair.trailing-comma"],
  [wrap('{"name":"add","arguments":"{\\"a\\":1}"}'), 'add{"a":1}', "", "repair.encoded-arguments"],
  [wrap('```json\n{"name":"add","arguments":{"a":1}}\n```'), 'add{"a":1}', "", ""],
  [wrap('{"name":"add","arguments":{"a":1}'), 'add{"a":1}', "", "repair.missing-bracket"],
  [wrap('{"name":"add","arguments":{"a":1}}}'), 'add{"a":1}', "", "stray-bracket"],
  [wrap('{"arguments":{"a":1},"name":"add"}'), 'add{"a":1}', "", ""],
  [wrap('{"type":"function","function":{"name":"add","arguments":{"a":1}}}'), 'add{"a":1}', "", ""],
  [wrap('{"name":"functions.add","arguments":{"a":1}}'), 'add{"a":1}', "", "repair.tool-name"],
  [wrap('{"name":"add_all","arguments":null}'), "add_all{}", "", "repair.empty-arguments"],
  ['<tool_call>{"name":"add","arguments":{"a":1}}', 'add{"a":1}', "", "missing-close"],
  ['{"name":"add","arguments":{"a":1}}\n</tool_call>', 'add{"a":1}', "", "missing-open"],
  [`${wrap('{"name":"add","arguments":{"a":1}}')}\n</tool_call>`, 'add{"a":1}', "", ""],
  [
    wrap('{"name":"write_file","arguments":{"content":"</tool_call>"}}'),
    'write_file{"content":"</tool_call>"}',
    "",
    "",
  ],
  [
    wrap(
      '[{"name":"add","arguments":{"a":1}},{"name":"add","arguments":{"a":x}},{"name":"add_all","arguments":{}}]',
    ),
    'add{"a":1} add_all{}',
    '{"name":"add","arguments":{"a":x}}',
    "malformed-call",
  ],
  ['The person:\n{"name":"add","age":3}', "", 'The person:\n{"name":"add","age":3}', ""],
];

test("JSON in tags: what is mended is named, what is not sure stays content", () => {
  for (const [text, calls, content, codes] of hermes) {
    const parsed = parse(text, { format: "hermes", tools });
    assert.equal(
      parsed.calls.map((call) => call.name + JSON.stringify(call.arguments)).join(" "),
      calls,
      text,
    );
    assert.equal(parsed.content.replace(/^,|,$/g, "").trim(), content.trim(), text);
    assert.equal(parsed.diagnostics.map((one) => one.code).join(" "), codes, text);
  }
});

const tagged: [body: string, calls: string][] = [
  [
    '<function=write_file>\n<parameter=content>\n<b></parameter> & "x"</b>\n\n</parameter>\n</function>',
    'write_file{"content":"<b></parameter> & \\"x\\"</b>\\n"}',
  ],
  ["<function=add>\n<parameter=a>\n1\n<parameter=b>\n2\n</function>", 'add{"a":1,"b":2}'],
  ["<function=add\n<parameter=a>\n1\n</parameter>\n</function>", 'add{"a":1}'],
  ["<function=add>\n<parameter=a>1</parameter>\n</function>", 'add{"a":1}'],
  ["<function=add_all>\n</function>", "add_all{}"],
  ['{"name": "add", "arguments": {"a": 1}}', 'add{"a":1}'],
];

test("tagged parameters: raw values, missing tags, one line break at each side", () => {
  for (const [body, calls] of tagged) {
    const parsed = parse(wrap(body), { format: "qwen3-coder", tools });
    assert.equal(
      parsed.calls.map((call) => call.name + JSON.stringify(call.arguments)).join(" "),
      calls,
      body,
    );
  }
});

test("the name comes before the arguments, and arguments as they are written", () => {
  const parser = createParser("hermes", { tools });
  const events: FormatEvent[] = [];
  for (const piece of cut(wrap('{"name": "write_file", "arguments": {"content": "abc"}}'), 4))
    events.push(...parser.push(piece));
  events.push(...parser.end());
  assert.equal(events[0]?.type, "call.start");
  const deltas = events.filter((event) => event.type === "call.delta").map((event) => event.text);
  assert.ok(deltas.length > 3);
  assert.equal(deltas.join(""), '{"content":"abc"}');
  assert.equal(events.at(-1)?.type, "call.end");
});

test("names that begin like another are told apart", () => {
  for (const name of ["add", "add_all"])
    assert.equal(
      parse(wrap(`{"name":"${name}","arguments":{}}`), { format: "hermes", tools }).calls[0]?.name,
      name,
    );
});

test("thinking: opened by the prompt, by the model, or not known until it closes", () => {
  const read = (text: string, options: object) => {
    const { thinking, content } = parse(text, { format: "hermes", tools, ...options });
    return [thinking, content.trim()];
  };
  assert.deepEqual(read("Hm.</think>Yes.", { prefill: "<|im_start|>assistant\n<think>\n" }), ["Hm.", "Yes."]);
  assert.deepEqual(read("<think>Hm.</think>Yes.", { prefill: "<|im_start|>assistant\n" }), ["Hm.", "Yes."]);
  assert.deepEqual(read("Yes.", { prefill: "<|im_start|>assistant\n<think>\n\n</think>\n\n" }), ["", "Yes."]);
  assert.deepEqual(read("Hm.</think>Yes.", { start: "auto" }), ["Hm.", "Yes."]);
  assert.deepEqual(read("Yes.", { start: "auto" }), ["", "Yes."]);
  assert.deepEqual(read("the rest.", { prefill: "<|im_start|>assistant\nHere is " }), [
    "",
    "Here is the rest.",
  ]);
  assert.deepEqual(read(" the rest.", { prefill: { role: "assistant", content: "Here is" } }), [
    "",
    "the rest.",
  ]);
});

test("a call in unclosed thinking counts where it ends the thought, an example in a thought does not", () => {
  const call = '<tool_call>{"name":"add","arguments":{"a":1}}</tool_call>';
  const read = (text: string) => parse(text, { format: "hermes", tools, start: "thinking" });
  assert.equal(read(`I need the sum. ${call}`).calls.length, 1);
  assert.equal(read(`I could say ${call} but I won't.</think>No.`).calls.length, 0);
  assert.equal(read(`I need it. <tool_call>{"name":"nope","arguments":{}}</tool_call>`).calls.length, 0);
});

test("a call of an unknown tool counts at the end, and is an example amid prose", () => {
  const call = wrap('{"name":"nope","arguments":{}}');
  assert.equal(parse(`Let me see.\n${call}`, { format: "hermes", tools }).calls[0]?.name, "nope");
  assert.equal(parse(`Like this:\n${call}\nThat is all.`, { format: "hermes", tools }).calls.length, 0);
});

test("calls can be left in the text", () => {
  const text = wrap('{"name":"add","arguments":{}}');
  const parsed = parse(text, { format: "hermes", tools, calls: false });
  assert.deepEqual([parsed.calls, parsed.content], [[], text]);
});

test("pieces: whole, of one size, of given sizes with the rest last", () => {
  assert.deepEqual(cut("abcdef"), ["abcdef"]);
  assert.deepEqual(cut("abcdef", 4), ["abcd", "ef"]);
  assert.deepEqual(cut("abcdef", [1, 2]), ["a", "bc", "def"]);
});

test("end() twice says nothing new, and push() after it is a mistake", () => {
  const parser = createParser("hermes");
  assert.equal(parser.push("x").length, 1);
  assert.deepEqual(parser.end(), []);
  assert.deepEqual(parser.end(), []);
  assert.throws(() => parser.push("y"), /ended/);
});
