import assert from "node:assert/strict";
import { test } from "node:test";
import { auditRows, auditTemplate } from "./index.ts";

/** A ChatML template; each case changes one part of it. */
const parts = {
  system: "{{ m.content }}",
  call: '<tool_call>\n{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments if c.function.arguments is string else c.function.arguments|tojson }}}\n</tool_call>',
  calls: "m.tool_calls or []",
  text: "{{ m.content or '' }}",
  result: "<tool_response>\n{{ m.content }}\n</tool_response>{{ m.tool_call_id }}",
  thinking: "{% if m.reasoning_content %}<think>{{ m.reasoning_content }}</think>{% endif %}",
};

function template(change: Partial<typeof parts> = {}): string {
  const p = { ...parts, ...change };
  return `{% if tools %}{{ tools|tojson }}{% endif %}{% for m in messages %}<|im_start|>{{ m.role }}
{% if m.role == 'system' %}${p.system}{% elif m.role == 'tool' %}${p.result}{% elif m.role == 'assistant' %}${p.thinking}${p.text}{% for c in ${p.calls} %}${p.call}{{ c.id }}{% endfor %}{% else %}{{ m.content }}{% endif %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}`;
}

const found = (text: string): string[] => auditTemplate(text).findings.map((finding) => finding.what);

test("a template that shows everything has no finding", () => {
  assert.deepEqual(found(template()), []);
});

test("each loss is found, and says how it is repaired", () => {
  const table: [what: string, change: Partial<typeof parts>][] = [
    ["history_calls", { calls: "[]" }],
    ["parallel_calls", { calls: "(m.tool_calls or [])[:1]" }],
    [
      "text_arguments",
      { call: parts.call.replace("c.function.arguments if c.function.arguments is string else ", "") },
    ],
    ["json_results", { result: "{{ m.content|tojson }}{{ m.tool_call_id }}" }],
    ["results", { result: "" }],
    ["system", { system: "{{ raise_exception('no') }}" }],
    ["system", { system: "" }],
    [
      "sandbox",
      {
        system: "{{ m.content }}{% set l = [] %}{% set _ = l.append(1) %}",
        text: "{% set l = [] %}{% set _ = l.append(1) %}{{ m.content }}",
      },
    ],
    ["text_beside_calls", { text: "{% if not m.tool_calls %}{{ m.content }}{% endif %}" }],
  ];
  for (const [what, change] of table) {
    const finding = auditTemplate(template(change)).findings.find((one) => one.what === what);
    assert.ok(finding !== undefined, `${what}: ${found(template(change)).join(", ")}`);
    assert.ok(finding.repair !== undefined, what);
  }
});

test("ids and thinking are told, though nothing is to be repaired", () => {
  assert.ok(
    found(template({ result: "{{ m.content }}", call: parts.call }).replace("{{ c.id }}", "")).includes(
      "ids",
    ),
  );
  assert.ok(found(template({ thinking: "" })).includes("thinking"));
  assert.deepEqual(auditTemplate(template()).traits.thinking, { field: "reasoning_content", kept: "always" });
});

test("how long thinking is kept is probed, not guessed", () => {
  const running = template({
    thinking:
      "{% if m.reasoning_content and m.tool_calls %}<think>{{ m.reasoning_content }}</think>{% endif %}",
  });
  assert.equal(auditTemplate(running).traits.thinking.kept, "turn");
});

test("rows: the format and its traits, then a line for each finding", () => {
  const rows = auditRows(template({ calls: "(m.tool_calls or [])[:1]" }));
  assert.ok("format" in rows[0]! && rows[0].format === "hermes");
  assert.deepEqual(
    rows.slice(1).map((row) => ("what" in row ? row.what : "")),
    ["parallel_calls"],
  );
});

test("a template that does not compile is one row that says why", () => {
  const rows = auditRows("{% if %}");
  assert.equal(rows.length, 1);
  assert.ok("error" in rows[0]!);
});
