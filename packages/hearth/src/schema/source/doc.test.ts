import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readDoc } from "./doc.ts";

test("the text before the tags is the description", () => {
  for (const [comment, text] of [
    [" One line. ", "One line."],
    ["\n * First\n * second line.\n ", "First second line."],
    ["\n * First.\n *\n * Second\n * paragraph.\n ", "First.\nSecond paragraph."],
    [" Writes to a@b.c and @bob, see `@param x`. @param a b ", "Writes to a@b.c and @bob, see `@param x`."],
    [" See {@link Foo} and {@link Bar|the bar}. ", "See Foo and the bar."],
    ["\n * @returns only this\n ", ""],
    ["", ""],
    ["\r\n * Windows\r\n * lines\r\n ", "Windows lines"],
    ["\n no stars\n here\n", "no stars here"],
    [" **bold** stays ", "**bold** stays"],
  ] as const) {
    assert.equal(readDoc(comment).text, text, comment);
  }
});

test("parameters are read in every common form", () => {
  for (const [comment, name, type, text] of [
    ["@param a the text", "a", undefined, "the text"],
    ["@param {string} a - the text", "a", "string", "the text"],
    ["@param {{x: {y: string}}} a the text", "a", "{x: {y: string}}", "the text"],
    ["@param {string} [a] the text", "a", "string", "the text"],
    ['@param {string} [a="[x]"] the text', "a", "string", "the text"],
    ["@arg a the text", "a", undefined, "the text"],
    ["\n * @param a the\n *   text\n * @returns b", "a", undefined, "the text"],
    ["@param a: the text", "a", undefined, "the text"],
    ["@param a", "a", undefined, ""],
  ] as const) {
    const field = readDoc(comment).params.get(name);
    assert.deepEqual([field?.type, field?.text], [type, text], comment);
  }
  assert.equal(readDoc("@param [a=5] x").params.get("a")?.fallback, "5");
  assert.equal(readDoc("@param {string=} a x").params.get("a")?.optional, true);
});

test("limits belong to the parameter before them, tool tags to the tool", () => {
  const doc = readDoc("Text. @param a x @minimum 1 @param b y @effect none @maximum 5 @returns z @minimum 9");
  assert.deepEqual(doc.params.get("a")?.tags, [{ name: "minimum", text: "1" }]);
  assert.deepEqual(doc.params.get("b")?.tags, [{ name: "maximum", text: "5" }]);
  assert.deepEqual(doc.tags, [{ name: "effect", text: "none" }]);
});

test("any comment is read without a throw", () => {
  const piece = fc.constantFrom(
    "@param ",
    "{",
    "}",
    "[",
    "]",
    "a",
    " ",
    "\n * ",
    "@typedef ",
    "=",
    "`",
    "@minimum 1",
    "*",
    "@",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string())), (parts) => {
      assert.equal(typeof readDoc(parts.join("")).text, "string");
    }),
  );
});
