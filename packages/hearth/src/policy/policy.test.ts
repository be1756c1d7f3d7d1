import assert from "node:assert/strict";
import { test } from "node:test";
import type { Effect, Tool } from "../protocol/index.ts";
import { approvalHash, callKey, defaultPolicy, type Policy, type ToolRules, withRules } from "./index.ts";

const toolOf = (name: string, effect?: Effect): Tool => ({
  name,
  description: name,
  parameters: { type: "object" },
  run: () => "",
  ...(effect === undefined ? {} : { effect }),
});

const rules: ToolRules = { "write_*": "allow", write_secret: "deny", "*": "ask", read: "allow" };
const cases: [name: string, effect: Effect | undefined, expected: string][] = [
  ["read", "none", "allow"],
  ["write_file", "once", "allow"],
  ["write_secret", "once", "deny"],
  ["other", "none", "ask"],
  ["other", undefined, "ask"],
];
for (const [name, effect, expected] of cases) {
  test(`rules: ${name} with effect ${effect} is ${expected}`, () => {
    const verdict = withRules(rules, defaultPolicy)({ tool: toolOf(name, effect), arguments: {} });
    assert.equal(verdict.verdict, expected);
  });
}

test("a rule does not loosen what the policy denies", () => {
  const policy: Policy = () => ({ verdict: "deny", why: "no" });
  const request = { tool: toolOf("read"), arguments: {} };
  assert.deepEqual(withRules({ read: "allow" }, policy)(request), { verdict: "deny", why: "no" });
});

test("patterns match the whole name", () => {
  const is = (pattern: string, name: string) =>
    withRules({ [pattern]: "deny" }, () => ({ verdict: "allow" }))({ tool: toolOf(name), arguments: {} })
      .verdict === "deny";
  for (const [pattern, name] of [
    ["a*c", "abc"],
    ["a*c", "ac"],
    ["*b*", "abc"],
    ["*", ""],
  ] as const)
    assert.ok(is(pattern, name), `${pattern} ${name}`);
  for (const [pattern, name] of [
    ["a*c", "abcd"],
    ["ab*ba", "aba"],
    ["a*", "ba"],
  ] as const)
    assert.ok(!is(pattern, name), `${pattern} ${name}`);
});

test("equal calls have one hash whatever the order of their arguments", () => {
  assert.equal(
    approvalHash("f", { a: 1, b: [2, { c: 3, d: 4 }] }),
    approvalHash("f", { b: [2, { d: 4, c: 3 }], a: 1 }),
  );
  assert.notEqual(approvalHash("f", { a: 1 }), approvalHash("f", { a: "1" }));
  assert.notEqual(approvalHash("f", { a: 1 }), approvalHash("g", { a: 1 }));
  assert.equal(callKey("f", { a: 1, b: undefined }), callKey("f", { a: 1 }));
});
