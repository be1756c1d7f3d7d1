import assert from "node:assert/strict";
import { delimiter } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { childEnvironment, LineReader, Tail } from "./index.ts";

test("lines are the same for any split of the bytes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme", maxLength: 12 })),
      fc.array(fc.nat(40)),
      (texts, cuts) => {
        const lines = texts.map((text) => text.replace(/[\r\n]/g, ""));
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const seen: string[] = [];
        const reader = new LineReader(
          1000,
          (line) => seen.push(line),
          () => assert.fail(),
        );
        let from = 0;
        for (const cut of cuts) {
          reader.push(bytes.subarray(from, from + cut));
          from += cut;
        }
        reader.push(bytes.subarray(Math.min(from, bytes.length)));
        assert.deepEqual(seen, lines);
      },
    ),
  );
});

test("a line that is too long is reported once and left out", () => {
  const seen: string[] = [];
  let long = 0;
  const reader = new LineReader(
    5,
    (line) => seen.push(line),
    () => long++,
  );
  for (const part of ["12345\n1234", "56", "7\nabc\r\n"]) reader.push(Buffer.from(part));
  assert.deepEqual(seen, ["12345", "abc"]);
  assert.equal(long, 1);
});

test("a tail keeps the last lines, without stacks and colours", () => {
  const tail = new Tail(200);
  tail.push("x".repeat(500));
  tail.push("\n\u001b[31mError: no key\u001b[0m\n    at main (file.js:1:2)\n\nNode.js v24.1.0\n");
  assert.equal(tail.lines(1), "Error: no key");
  assert.equal(tail.truncated, true);
});

test("a child gets no keys, and a PATH without relative folders", () => {
  const env = childEnvironment(
    { A: "1" },
    { PATH: ["/bin", ".", "", "node_modules/.bin"].join(delimiter), OPENAI_API_KEY: "k", HOME: "/h" },
  );
  assert.deepEqual(env, { PATH: "/bin", HOME: "/h", A: "1" });
});
