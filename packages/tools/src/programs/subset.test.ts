import assert from "node:assert/strict";
import { test } from "node:test";
import { inSubset } from "./python-subset.ts";

test("plain arithmetic, loops, lists, dictionaries and own functions are in the interpreter's part of Python", () => {
  for (const code of [
    "print(6*7)",
    "1 + 1",
    "total = 0\nfor i in range(10):\n    total += i\ntotal",
    "def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\nf(10)",
    "[x * x for x in [1, 2, 3] if x != 2]",
    "'a,b'.split(',')",
    "d = {'a': 1}\nd.get('b', 0)  # round() in a comment",
    "print('import os; @x')",
  ]) {
    assert.equal(inSubset(code), true, code);
  }
});

test("whatever it is known to do otherwise, or not at all, is not", () => {
  for (const code of [
    "@deco\ndef f(): pass",
    "round(2.675, 2)",
    "import math",
    "class A: pass",
    "f'{x:.2f}'",
    "b'x'",
    "r'\\d'",
    "'%d' % 1",
    "'ß'.casefold()",
    "'a'.encode()",
    "open('x')",
    "().__class__",
    "x.y()",
    "getattr('a', 'upper')()",
    "try:\n  1\nexcept: pass",
    "set('abc')",
    "'\\x41'",
    "'''a'''",
    "'unended",
    "print(__name__)",
    "é = 1",
  ]) {
    assert.equal(inSubset(code), false, code);
  }
});
