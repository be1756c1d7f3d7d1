import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Taint, Tool, ToolMessage } from "../protocol/index.ts";
import { text } from "../protocol/index.ts";
import { defaultPolicy, withRules } from "./decide.ts";
import { guardsItself, joinTaint, taintedBy, taintOf, taintOfMessages, underTaint } from "./taint.ts";

const toolOf = (rest: Partial<Tool>): Tool => ({
  name: "tool",
  description: "",
  parameters: {},
  run: () => "",
  ...rest,
});
const BOTH: Taint = { untrusted: "page", private: "file" };

const brings: [declared: Partial<Tool>, taint: Taint][] = [
  [
    { source: "untrusted", reads: "private" },
    { untrusted: "tool", private: "tool" },
  ],
  [{ source: "untrusted", reads: "public" }, { untrusted: "tool" }],
  [{ source: "trusted", reads: "private" }, { private: "tool" }],
  [{ source: "trusted", reads: "public" }, {}],
  // A function of the program's own: at its word, but who knows what it has read.
  [{}, { private: "tool" }],
];
for (const [declared, taint] of brings) {
  test(`a result of ${JSON.stringify(declared)} brings ${JSON.stringify(taint)}`, () => {
    assert.deepEqual(taintOf(toolOf(declared)), taint);
  });
}

const held: [what: string, declared: Partial<Tool>, taint: Taint, held: boolean][] = [
  ["looks only", { effect: "none", egress: false }, BOTH, false],
  ["sends", { effect: "none", egress: true }, BOTH, true],
  ["says nothing of sending", { effect: "none" }, BOTH, true],
  ["may be repeated", { effect: "idempotent", egress: false }, BOTH, true],
  ["runs once", { effect: "once", egress: false }, BOTH, true],
  ["says nothing", {}, BOTH, true],
  ["says nothing, after foreign text only", {}, { untrusted: "page" }, true],
  ["reads nothing private, after foreign text only", { reads: "public" }, { untrusted: "page" }, false],
  ["sends what it reads, after foreign text only", { effect: "none" }, { untrusted: "page" }, true],
  ["says nothing, after private data only", {}, { private: "file" }, false],
  ["says nothing, at first", {}, {}, false],
];
for (const [what, declared, taint, expected] of held) {
  test(`a tool that ${what} is ${expected ? "held back" : "free"}`, () => {
    assert.equal(taintedBy(toolOf(declared), taint) !== undefined, expected);
  });
}

test("the words name what brought the two, and what the call does", () => {
  assert.equal(
    taintedBy(toolOf({ name: "send" }), BOTH),
    "send may change things and send data, and page brought text of unknown origin and file private data before it.",
  );
  assert.match(
    taintedBy(toolOf({}), { untrusted: "page" }) ?? "",
    /page brought text of unknown origin before it; what it reads itself may be private\.$/,
  );
  assert.match(
    taintedBy(toolOf({ effect: "none" }), { untrusted: "read_file", private: "read_file" }) ?? "",
    /^tool sends data, and read_file brought private text of unknown origin before it\.$/,
  );
});

test("a run inside the run holds its own calls to what it is given", () => {
  assert.equal(taintedBy(guardsItself(toolOf({})), BOTH), undefined);
});

test("joining keeps who came first, and nothing takes a bit away", () => {
  const taints = fc.record(
    { untrusted: fc.constantFrom("a", "b"), private: fc.constantFrom("c", "d") },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(taints, taints, taints, (a, b, c) => {
      const both = joinTaint(a, b);
      assert.equal(both.untrusted, a.untrusted ?? b.untrusted);
      assert.equal(both.private, a.private ?? b.private);
      assert.deepEqual(joinTaint(both, c), joinTaint(a, joinTaint(b, c)));
      assert.deepEqual(joinTaint(both, both), both);
    }),
  );
});

test("results in a conversation from elsewhere count, those of unknown tools as a server's", () => {
  const result = (name: string): ToolMessage => ({
    role: "tool",
    callId: "1",
    name,
    content: [text("x")],
    ok: true,
  });
  const tools = new Map([["page", toolOf({ name: "page", source: "untrusted", reads: "public" })]]);
  assert.deepEqual(taintOfMessages([], tools), {});
  assert.deepEqual(taintOfMessages([result("page")], tools), { untrusted: "page" });
  assert.deepEqual(taintOfMessages([result("page"), result("gone")], tools), {
    untrusted: "page",
    private: "gone",
  });
});

const call = (tool: Tool, taint: Taint) => ({ tool, arguments: {}, taint });

test("under the taint rule, what was allowed or asked for needs a person, what was denied stays so", () => {
  const policy = underTaint(defaultPolicy);
  const sends = toolOf({ effect: "none" });
  assert.deepEqual(policy(call(sends, {})), { verdict: "allow" });
  const asked = policy(call(sends, BOTH));
  assert.ok(asked.verdict === "ask" && asked.person === true);
  assert.ok(!("person" in policy(call(toolOf({}), {}))));
  const denied = underTaint(() => ({ verdict: "deny", why: "no" }));
  assert.deepEqual(denied(call(sends, BOTH)), { verdict: "deny", why: "no" });
});

const rules: [pattern: string, verdict: string][] = [
  ["tool", "allow"],
  ["to*", "allow"],
  ["*", "ask"],
  ["**", "ask"],
  ["other", "ask"],
];
for (const [pattern, verdict] of rules) {
  test(`a rule for "${pattern}" leaves a held call at ${verdict}`, () => {
    const policy = underTaint(withRules({ [pattern]: "allow" }, defaultPolicy));
    assert.equal(policy(call(toolOf({}), BOTH)).verdict, verdict);
  });
}
