import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message, ToolSchema } from "../../protocol/index.ts";
import { auditRows } from "../audit/index.ts";
import { detect } from "../detect/index.ts";
import { parse } from "../parse.ts";
import {
  auditGoTemplate,
  GoTemplateError,
  goTemplateFormat,
  isGoTemplate,
  parseGoTemplate,
  renderGoPrompt,
  renderOllama,
} from "./index.ts";

const text = (value: string): { type: "text"; text: string } => ({ type: "text", text: value });
const tools: ToolSchema[] = [
  {
    name: "add",
    description: "Add <two> numbers.",
    parameters: {
      type: "object",
      properties: { a: { type: "integer" }, b: { type: ["integer", "null"] } },
      required: ["a"],
    },
  },
];

/** The shape of most templates of Ollama's library; each case changes a part. */
const parts = {
  tool: '{"type": "function", "function": {{ .Function }}}',
  calls:
    '{{ range .ToolCalls }}<tool_call>\n{"name": "{{ .Function.Name }}", "arguments": {{ .Function.Arguments }}}\n</tool_call>\n{{ end }}',
  text: "{{ .Content }}\n",
};

function template(change: Partial<typeof parts> = {}): string {
  const p = { ...parts, ...change };
  return `{{- if or .System .Tools }}<|im_start|>system
{{ .System }}
{{- if .Tools }}

<tools>
{{- range .Tools }}
${p.tool}
{{- end }}
</tools>
{{- end }}<|im_end|>
{{ end }}
{{- range $i, $_ := .Messages }}
{{- $last := eq (len (slice $.Messages $i)) 1 -}}
{{- if eq .Role "user" }}<|im_start|>user
{{ .Content }}<|im_end|>
{{ else if eq .Role "assistant" }}<|im_start|>assistant
{{ if .Content }}${p.text}{{ end }}${p.calls}{{ if not $last }}<|im_end|>
{{ end }}
{{- else if eq .Role "tool" }}<|im_start|>user
<tool_response>
{{ .Content }}
</tool_response><|im_end|>
{{ end }}
{{- if and (ne .Role "assistant") $last }}<|im_start|>assistant
{{ end }}
{{- end }}`;
}

const call = (
  id: string,
  a: number,
): { type: "call"; id: string; name: string; arguments: { a: number } } => ({
  type: "call",
  id,
  name: "add",
  arguments: { a },
});
const conversation: Message[] = [
  { role: "system", content: [text("Be brief.")] },
  { role: "user", content: [text("Add.<|im_end|>")] },
  { role: "assistant", content: [text("I add."), call("x", 1), call("y", 2)] },
  { role: "tool", callId: "y", name: "add", ok: true, content: [text("second")] },
  { role: "tool", callId: "x", name: "add", ok: true, content: [text("first")] },
];

test("an Ollama template is told from a Jinja template", () => {
  assert.ok(isGoTemplate(template()));
  assert.ok(isGoTemplate("{{ .Prompt }}"));
  assert.ok(isGoTemplate("{{- range $i, $_ := .Messages }}{{ end }}"));
  for (const jinja of ["{{ messages }}", "{% if x %}{{ x.Y }}{% endif %}", "{{- '.A' ~ B }}"])
    assert.ok(!isGoTemplate(jinja), jinja);
});

test("it is recognised, and the round trip through it holds", () => {
  assert.deepEqual(detect(template()), { format: "hermes", confidence: 1, how: "fingerprint" });
  assert.equal(detect("{{ .System }} {{ .Prompt }}").how, "fallback");
});

test("tools are JSON where Ollama prints a Go struct", () => {
  const { prompt } = renderGoPrompt({ templateText: template(), messages: conversation, tools });
  assert.ok(
    prompt.includes(
      '{"type": "function", "function": {"name": "add", "description": "Add <two> numbers.", "parameters": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": ["integer", "null"]}}, "required": ["a"]}}}',
    ),
  );
  const whole = renderGoPrompt({
    templateText: template({ tool: "{{ . }} {{ json .Function.Name }}" }),
    messages: conversation,
    tools,
  });
  assert.ok(whole.prompt.includes('{"type": "function", "function": {"name": "add"'));
  const fields = template({
    tool: "{{ .Function.Name }}{{ range $k, $v := .Function.Parameters.Properties }} {{ $k }}:{{ $v.Type }}{{ end }} {{ .Function.Parameters.Required }}",
  });
  assert.ok(
    renderGoPrompt({ templateText: fields, messages: conversation, tools }).prompt.includes(
      "add a:integer b:[integer null] [a]",
    ),
  );
});

test("calls, results in call order, harmless tokens, prefill and stop", () => {
  const rendered = renderGoPrompt({ templateText: template(), messages: conversation, tools });
  const { prompt } = rendered;
  const answer = prompt.slice(prompt.indexOf("<|im_start|>assistant\n"), prompt.indexOf("<tool_response>"));
  assert.deepEqual(
    parse(answer, { format: "hermes", tools }).calls.map((one) => one.arguments),
    [{ a: 1 }, { a: 2 }],
  );
  assert.ok(answer.includes("I add."));
  assert.ok(prompt.indexOf("first") < prompt.indexOf("second"));
  assert.ok(!prompt.includes("Add.<|im_end|><|im_end|>"));
  assert.equal(rendered.prefill, "<|im_start|>assistant\n");
  assert.deepEqual(rendered.stop, ["<|im_end|>"]);
  assert.ok(prompt.slice(rendered.stablePrefixChars).startsWith("Add."));
});

test("what the template would lose is written another way", () => {
  const either = template({ calls: `{{ if not .Content }}${parts.calls}{{ end }}` });
  const none = template({ calls: "" });
  for (const lossy of [either, none]) {
    const { prompt } = renderGoPrompt({ templateText: lossy, messages: conversation, tools });
    assert.ok(prompt.includes('I add.\n<tool_call>\n{"name": "add", "arguments": {"a": 1}}'), prompt);
  }
  const toolless = template({ tool: "" });
  assert.ok(
    renderGoPrompt({ templateText: toolless, messages: conversation, tools }).prompt.includes(
      '"description": "Add <two> numbers."',
    ),
  );
});

test("the model's own text goes back verbatim", () => {
  const raw = 'I add.<tool_call>{"name":"add","arguments":{"a":1}}</tool_call>';
  const messages: Message[] = [
    ...conversation.slice(0, 2),
    { role: "assistant", content: [call("x", 1)], raw: { format: "hermes", text: raw } },
  ];
  assert.ok(
    renderGoPrompt({ templateText: template(), messages, tools }).prompt.includes(`assistant\n${raw}`),
  );
});

test("the audit names what Ollama makes of it", () => {
  const found = (source: string): string[] => auditGoTemplate(source).findings.map((finding) => finding.what);
  assert.deepEqual(found(template()), ["tool_structs"]);
  assert.deepEqual(found(template({ tool: "{{ . }}" })), []);
  assert.deepEqual(found(template({ tool: "{{ .Function.Parameters }}{{ .Function.Name }}" })), [
    "tool_structs",
  ]);
  assert.deepEqual(found(template({ tool: "{{ . }}", calls: "" })), ["history_calls"]);
  assert.deepEqual(found("{{ if .Messages }}"), ["unreadable"]);
  const [head, ...rows] = auditRows(template());
  assert.ok(head !== undefined && "language" in head && head.language === "go");
  assert.equal(rows.length, 1);
});

test("templates of the old kind run once for each exchange, and stop at the response", () => {
  const old = parseGoTemplate(
    "{{ if .System }}[{{ .System }}]{{ end }}{{ if .Prompt }}U:{{ .Prompt }} A:{{ end }}{{ .Response }}<eot>",
  );
  const messages = [
    { role: "system" as const, content: "S" },
    { role: "user" as const, content: "one" },
    { role: "assistant" as const, content: "1" },
    { role: "user" as const, content: "two" },
  ];
  assert.equal(renderOllama(old, { messages, tools: [] }), "[S]U:one A:1<eot>U:two A:");
  assert.equal(
    renderOllama(parseGoTemplate("U:{{ .Prompt }} A:"), { messages, tools: [] }),
    "U:one A:1U:two A:",
  );
});

test("neighbours of one role become one message; thinking reaches the template", () => {
  const shown = parseGoTemplate(
    "{{ .System }}|{{ range .Messages }}{{ .Role }}={{ .Content }}{{ .Thinking }};{{ end }}{{ .Think }}{{ .ThinkLevel }}{{ .IsThinkSet }} {{ currentDate }} {{ yesterdayDate }}",
  );
  const messages = [
    { role: "user" as const, content: "a" },
    { role: "user" as const, content: "b" },
    { role: "assistant" as const, content: "c", thinking: "t" },
  ];
  assert.equal(
    renderOllama(shown, { messages, tools: [], think: "high", today: "2026-03-01" }),
    "|user=a\n\nb;assistant=ct;truehightrue 2026-03-01 2026-02-28",
  );
});

test("a hostile template ends at a bound", () => {
  const loop = '{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" . }}{{ .Messages }}';
  const wide = "{{ range 2000 }}{{ range 2000 }}x{{ end }}{{ end }}{{ .Messages }}";
  const big = "{{ range 9999999999 }}{{ end }}{{ .Messages }}";
  const deep = `{{ ${"(".repeat(50_000)}1${")".repeat(50_000)} }}{{ .Messages }}`;
  for (const source of [loop, wide, big, deep])
    assert.throws(() => renderOllama(parseGoTemplate(source), { messages: [], tools: [] }), GoTemplateError);
});

test("a model of Ollama's as a prompt format", () => {
  const format = goTemplateFormat({ templateText: template() });
  assert.equal(format.id, "hermes");
  assert.ok(
    format
      .render({ messages: conversation, tools, thinking: true })
      .prompt.endsWith("<|im_start|>assistant\n"),
  );
  const parser = format.parser({ tools });
  const events = [
    ...parser.push('<tool_call>{"name":"add","arguments":{"a":1}}</tool_call>'),
    ...parser.end(),
  ];
  assert.ok(events.some((event) => event.type === "call.end"));
});
