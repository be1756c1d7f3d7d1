import assert from "node:assert/strict";
import { test } from "node:test";
import { filters } from "./filters/index.ts";
import { FILTER_NAMES } from "./filters/names.ts";
import { readJson, renderRow, renderTemplate, TemplateError, templateFault } from "./index.ts";

const kindOf = (template: string, limits = {}): string => {
  try {
    renderTemplate(template, {}, { limits });
    return "rendered";
  } catch (error) {
    assert.ok(error instanceof TemplateError, String(error));
    return error.kind;
  }
};

test("a hostile template ends at a limit, quickly and with a named error", () => {
  const many = "{% for a in range(99999) %}";
  const table: [name: string, template: string][] = [
    ["nested loops", `${many.repeat(4)}{% endfor %}{% endfor %}{% endfor %}{% endfor %}`],
    [
      "a doubling text",
      "{% set n = namespace(s='ab') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
    ],
    [
      "a doubling list",
      "{% set n = namespace(l=[1]) %}{% for i in range(99) %}{% set n.l = n.l + n.l %}{% endfor %}",
    ],
    ["a repeated text", "{{ 'abc' * 999999999 }}"],
    ["a repeated list", "{{ [1] * 999999999 }}"],
    ["padding", "{{ 'a'.center(9999999999) }}"],
    ["a format width", "{{ '%99999999999d' % 1 }}"],
    ["a format precision", "{{ '%.99999999f' % 1.5 }}"],
    ["a specification width", "{{ '{:>99999999999}'.format(1) }}"],
    ["a power", "{{ 9 ** 99999 }}"],
    [
      "big products",
      "{% set n = namespace(k=9) %}{% for i in range(99) %}{% set n.k = n.k * n.k %}{% endfor %}",
    ],
    ["endless recursion", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"],
    ["a loop in itself", "{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}"],
    [
      "a tree of shared lists",
      "{% set n = namespace(l=[]) %}{% for i in range(60) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l|tojson }}",
    ],
    [
      "comparing shared lists",
      "{% set n = namespace(a=[], b=[]) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}{% set n.b = [n.b, n.b] %}{% endfor %}{{ n.a == n.b }}",
    ],
    ["a namespace in itself", "{% set n = namespace() %}{% set n.n = n %}{{ n }}"],
    ["deep brackets", `{{ ${"(".repeat(100_000)}1${")".repeat(100_000)} }}`],
    [
      "deep lists",
      `{% set n = namespace(l=[]) %}{% for i in range(99999) %}{% set n.l = [n.l] %}{% endfor %}{{ n.l }}`,
    ],
    ["replacing by more", "{{ ('a' * 9999)|replace('', 'b' * 99999) }}"],
    ["joining", "{{ (['a' * 99999] * 99999)|join }}"],
  ];
  for (const [name, template] of table) assert.equal(kindOf(template), "limit", name);
});

test("limits can be set tighter", () => {
  assert.equal(kindOf("{% for i in range(100) %}x{% endfor %}", { maxSteps: 50 }), "limit");
  assert.equal(kindOf("{{ 'x' * 100 }}", { maxChars: 50 }), "limit");
  assert.equal(kindOf("{{ 'x' * 100 }}"), "rendered");
});

test("the kind of an error tells whose fault it is", () => {
  assert.equal(kindOf("{{ raise_exception('no system role') }}"), "raised");
  assert.equal(kindOf("{{ a.b.c }}"), "undefined");
  assert.equal(kindOf("{% if %}"), "syntax");
  assert.equal(kindOf("{{ [].append(1) }}"), "security");
  assert.throws(() => renderTemplate("{{ raise_exception('no system role') }}", {}), /no system role/);
});

test("a template that does not compile says so again from the cache", () => {
  for (let i = 0; i < 2; i++) assert.equal(templateFault("{% nope %}")?.kind, "syntax");
  assert.equal(templateFault("{{ 1 }}"), undefined);
});

test("a rendering does not change the variables given", () => {
  const variables = { list: [1], map: { a: 1 } };
  renderTemplate("{% set list = list + [2] %}{% set x = dict(map, b=2) %}{{ list }}", variables);
  assert.deepEqual(variables, { list: [1], map: { a: 1 } });
});

test("strftime_now shows the clock it is given, as it stands", () => {
  const template = "{{ strftime_now('%d %b %Y %H:%M') }}";
  assert.equal(renderTemplate(template, {}, { clock: "2026-01-02T03:04:05" }), "02 Jan 2026 03:04");
  assert.equal(renderTemplate(template, {}, { clock: new Date(2026, 11, 31, 23, 59) }), "31 Dec 2026 23:59");
});

test("a row given as text keeps what JavaScript's numbers and objects lose", () => {
  const row = `{"id":1,"templateText":"{{ a }} {{ b }} {{ c }}","variables":{"a":1.0,"b":{"2":0,"1":12345678901234567890},"c":-0.0}}`;
  assert.deepEqual(renderRow(row), { id: 1, text: "1.0 {'2': 0, '1': 12345678901234567890} -0.0" });
  assert.deepEqual(renderRow(JSON.parse(row)), { id: 1, text: "1 {'1': 1.2345678901234567e+19, '2': 0} 0" });
});

test("a row that can't be rendered is an answer with its id", () => {
  assert.deepEqual(Object.keys(renderRow({ id: "x", templateText: "{{ a.b.c }}", variables: {} })), [
    "id",
    "error",
  ]);
  assert.equal(renderRow({ id: "x", templateText: "{{ raise_exception('') }}" }).id, "x");
  assert.ok("error" in renderRow({ id: "x" }));
  assert.ok("error" in renderRow("{"));
  assert.ok("error" in renderRow('{"id":3,"templateText":"a","variables":[1]}'));
});

test("JSON is read as Python reads it", () => {
  assert.equal(
    renderTemplate("{{ v }}", { v: readJson('[1, 1.0, 1e3, "\\ud83d\\ude00", null, true, {}]') }),
    "[1, 1.0, 1000.0, '😀', None, True, {}]",
  );
  for (const text of ["", "{", "[1,]", '{"a" 1}', "01", "[1] 2", "'a'", "nul"])
    assert.throws(() => readJson(text), TemplateError, text);
});

test("`is filter` knows exactly the filters there are", () => {
  assert.deepEqual([...FILTER_NAMES].sort(), [...filters.keys()].sort());
});
