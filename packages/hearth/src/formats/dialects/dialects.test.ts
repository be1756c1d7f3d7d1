import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../parse.ts";
import { dialectById, dialects, markersOf } from "./index.ts";

const tools = [
  {
    name: "get_weather",
    description: "",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
];
const OSLO = [{ name: "get_weather", arguments: { city: "Oslo" } }];

const callsOf = (text: string, format: string, known = true) =>
  parse(text, known ? { format, tools } : { format }).calls.map(({ name, arguments: args }) => ({
    name,
    arguments: args,
  }));

test("ids are unique, and every format names its families and markers", () => {
  assert.equal(new Set(dialects.map((dialect) => dialect.id)).size, dialects.length);
  for (const dialect of dialects) {
    assert.equal(dialectById(dialect.id), dialect);
    assert.ok(dialect.models.length > 0, dialect.id);
    assert.ok(dialect.id === "json" || markersOf(dialect).length > 0, dialect.id);
  }
});

for (const { id, sample, headers } of dialects) {
  test(`${id}: its sample is one call, whether the tools are known or not, and nothing else`, () => {
    for (const known of [true, false]) {
      assert.deepEqual(callsOf(sample, id, known), OSLO);
      const { content, thinking, diagnostics } = parse(
        sample,
        known ? { format: id, tools } : { format: id },
      );
      assert.deepEqual([content.trim(), thinking, diagnostics], ["", "", []]);
    }
  });

  test(`${id}: a call cut off anywhere is left out, or whole`, () => {
    for (let end = 1; end < sample.length; end++) {
      const calls = callsOf(sample.slice(0, end), id);
      if (calls.length > 0) assert.deepEqual(calls, OSLO, sample.slice(0, end));
    }
  });

  if (headers !== undefined) continue;

  test(`${id}: words before and after a call stay words`, () => {
    const { content } = parse(`Let me look.\n${sample}\nThere it is.`, { format: id, tools });
    assert.equal(content.replace(/\s+/g, " "), "Let me look. There it is.");
    assert.deepEqual(callsOf(`Let me look.\n${sample}\nThere it is.`, id), OSLO);
  });

  test(`${id}: two calls are two`, () => {
    const two = callsOf(`${sample}\n${sample.replace("Oslo", "Rome")}`, id);
    assert.deepEqual(two, [...OSLO, { name: "get_weather", arguments: { city: "Rome" } }]);
  });

  test(`${id}: an example of an unknown tool amid prose stays prose`, () => {
    const text = `For example ${sample.replaceAll("get_weather", "some_tool")} is how it looks.`;
    assert.deepEqual(parse(text, { format: id, tools }).calls, []);
  });
}
