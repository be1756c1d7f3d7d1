import assert from "node:assert/strict";
import { test } from "node:test";
import type { ToolSchema } from "../../protocol/index.ts";
import { dialectById, dialects } from "../dialects/index.ts";
import { parse } from "../parse.ts";
import { families } from "./families.ts";
import { compileResponseTemplate, detect, detectModel, detectRow, formatOfModel } from "./index.ts";

const tools: ToolSchema[] = [
  {
    name: "book_room",
    description: "Book a room.",
    parameters: { type: "object", properties: { hotel: { type: "string" }, nights: { type: "integer" } } },
  },
];
const chatml = (calls: string): string =>
  `{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content or '' }}${calls}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}`;

test("a template without anything of tools falls back", () => {
  for (const template of ["{{ messages }}", chatml(""), "", "{% broken", "{{ raise_exception('no') }}"])
    assert.deepEqual(detect(template), { format: "hermes", confidence: 0, how: "fallback" }, template);
});

test("a fingerprint is proven by the round trip", () => {
  const calls =
    '{% for c in m.tool_calls or [] %}<tool_call>\n{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments|tojson }}}\n</tool_call>{% endfor %}';
  assert.deepEqual(detect(chatml(calls)), { format: "hermes", confidence: 1, how: "fingerprint" });
});

test("markers that only a comment names do not stand up to what is rendered", () => {
  const calls =
    "{# <tool_call> <tool_response> #}{% for c in m.tool_calls or [] %}[TOOL_CALLS]{{ c.function.name }}[ARGS]{{ c.function.arguments|tojson }}{% endfor %}";
  assert.equal(detect(chatml(calls)).format, "mistral-v11");
});

test("a format nobody described is read off its rendering", () => {
  const calls =
    "{% for c in m.tool_calls or [] %}<please_run>{{ {'name': c.function.name, 'arguments': c.function.arguments}|tojson }}</please_run>{% endfor %}";
  const found = detect(chatml(calls));
  assert.equal(found.how, "rendering");
  assert.ok(found.dialect !== undefined);
  const text =
    'Yes.<please_run>{"name": "book_room", "arguments": {"hotel": "Post", "nights": 2}}</please_run>';
  assert.deepEqual(parse(text, { format: found.dialect, tools }).calls, [
    { name: "book_room", arguments: { hotel: "Post", nights: 2 } },
  ]);
});

test("a row has an answer whatever it holds", () => {
  assert.deepEqual(detectRow({ id: 1, templateText: "{{ messages }}" }), {
    id: 1,
    format: "hermes",
    confidence: 0,
    how: "fallback",
  });
  assert.equal(detectRow(null).id, null);
  assert.equal(detectRow({ id: "x", templateText: 5 }).how, "fallback");
});

test("a model's name suggests its format", () => {
  const table: [name: string, format: string | undefined][] = [
    ["qwen3:8b", "hermes"],
    ["qwen2.5-coder:7b-instruct-q4_K_M", "hermes"],
    ["qwen3-coder:30b", "qwen3-coder"],
    ["unsloth/Qwen3.5-4B-GGUF", "qwen3-coder"],
    ["llama3.1:8b", "llama-json"],
    ["Llama-3.3-70B-Instruct", "llama-json"],
    ["Llama-4-Scout-17B", "pythonic"],
    ["gpt-oss:20b", "harmony"],
    ["mistral-nemo", "mistral-v3"],
    ["mistral-small3.2:24b", "mistral-v11"],
    ["devstral", "mistral-v11"],
    ["deepseek-r1:14b", "deepseek-v3"],
    ["DeepSeek-V3.2", "dsml"],
    ["glm-4.6", "glm"],
    ["kimi-k2-thinking", "kimi-k2"],
    ["minimax-m2.5", "minimax-m2"],
    ["gemma3:4b", "gemma3"],
    ["gemma4:31b", "gemma4"],
    ["functiongemma:270m", "functiongemma"],
    ["granite4:micro", "hermes"],
    ["granite3.3:8b", "granite"],
    ["command-r7b", "command-r7b"],
    ["command-r-plus", "command-r-plus"],
    ["phi4-mini", "functools"],
    ["hermes3:8b", "hermes"],
    ["nemotron-3-nano", "qwen3-coder"],
    ["lfm2.5-thinking", "lfm2"],
    ["olmo-3:7b", "olmo3"],
    ["my-own-model", undefined],
    ["", undefined],
  ];
  for (const [name, format] of table) assert.equal(formatOfModel(name), format, name);
});

test("the models that each format names are told by their names", () => {
  const nameless = ["plain JSON", "fenced JSON", "Llama 3.1 with custom tools"];
  for (const dialect of dialects)
    for (const model of dialect.models)
      if (!nameless.includes(model)) assert.equal(formatOfModel(model), dialect.id, model);
});

test("every name in the table leads to a format there is", () => {
  for (const { format } of families) assert.ok(dialectById(format) !== undefined, format);
});

test("the tokenizer's word counts before the template, the template before the name", () => {
  const fields = { tool_calls: { open: "<act>", close: "</act>", content: "json" } };
  const hermes =
    '{% for m in messages %}{% for c in m.tool_calls or [] %}<tool_call>{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments|tojson }}}</tool_call>{% endfor %}{% endfor %}';
  assert.equal(
    detectModel({ responseTemplate: { fields }, templateText: hermes, name: "gpt-oss" }).how,
    "response_template",
  );
  assert.equal(detectModel({ responseTemplate: {}, templateText: hermes, name: "gpt-oss" }).format, "hermes");
  assert.deepEqual(detectModel({ templateText: "{{ messages }}", name: "gpt-oss:20b" }), {
    format: "harmony",
    confidence: 0.5,
    how: "name",
  });
  assert.equal(detectModel({ name: "something" }).how, "fallback");
  assert.equal(detectModel({}).how, "fallback");
});

test("a response_template with JSON calls compiles", () => {
  const dialect = compileResponseTemplate({
    version: 1,
    start_anchor: "<|im_start|>assistant\n",
    fields: {
      reasoning_content: { open: "<reflect>", close: "</reflect>" },
      content: { close: "<|im_end|>" },
      tool_calls: {
        open: "<act>",
        close: "</act>",
        content: "json",
        repeats: true,
        transform: { type: "function", function: { name: "{content.tool}", arguments: "{content.input}" } },
      },
    },
  });
  assert.ok(dialect !== undefined);
  const text =
    '<reflect>Two nights.</reflect>I book.<act>{"tool": "book_room", "input": {"nights": 2}}</act><|im_end|>';
  const parsed = parse(text, { format: dialect, tools, thinking: true });
  assert.deepEqual(parsed.calls, [{ name: "book_room", arguments: { nights: 2 } }]);
  assert.equal(parsed.thinking, "Two nights.");
  assert.equal(parsed.content, "I book.");
});

test("a response_template with the name in a pattern and tagged parameters compiles", () => {
  const dialect = compileResponseTemplate({
    start_anchor: "<|im_start|>assistant\n",
    fields: {
      content: {},
      tool_calls: {
        open_pattern: "<fn=(?P<name>[^>\\n]+)>\\s*",
        close: "</fn>",
        content: "xml-inline",
        content_args: { tag_pattern: "<arg=(?P<key>\\w+)>\\n(?P<value>.*?)\\n</arg>" },
        repeats: true,
        transform: { type: "function", function: { name: "{name}", arguments: "{content}" } },
      },
    },
  });
  assert.ok(dialect !== undefined);
  const text = "<fn=book_room>\n<arg=hotel>\nPost\n</arg>\n<arg=nights>\n2\n</arg>\n</fn>";
  assert.deepEqual(parse(text, { format: dialect, tools }).calls, [
    { name: "book_room", arguments: { hotel: "Post", nights: 2 } },
  ]);
});

test("what no descriptor can do is not compiled", () => {
  const calls = { open: "<act>", close: "</act>", content: "kv-lines" };
  assert.equal(compileResponseTemplate({ fields: { tool_calls: calls } }), undefined);
  assert.equal(compileResponseTemplate({ version: 2, fields: {} }), undefined);
  for (const spec of [undefined, null, 3, "x", [], {}])
    assert.equal(compileResponseTemplate(spec), undefined);
});
