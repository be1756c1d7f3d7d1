import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LineSplitter, LineTooLongError } from "./lines.ts";

function split(bytes: Buffer, cuts: readonly number[]): string[] {
  const splitter = new LineSplitter();
  const lines: string[] = [];
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < places.length; i++)
    lines.push(...splitter.push(bytes.subarray(places[i - 1], places[i])));
  return [...lines, splitter.end()];
}

const cases: [name: string, text: string, lines: string[]][] = [
  ["LF", "a\nb\n", ["a", "b", ""]],
  ["CRLF", "a\r\nb\r\n", ["a", "b", ""]],
  ["a lone CR", "a\rb\r", ["a", "b", ""]],
  ["empty lines", "\n\r\n\r", ["", "", "", ""]],
  ["LF after CRLF", "a\r\n\nb", ["a", "", "b"]],
  ["a rest without an end", "a\nb", ["a", "b"]],
  ["nothing", "", [""]],
  ["a byte order mark at the head only", "\uFEFFa\n\uFEFFb", ["a", "\uFEFFb"]],
  ["characters of two, three and four bytes", "é\n€𝄞\n日", ["é", "€𝄞", "日"]],
];

for (const [name, text, lines] of cases) {
  test(`lines: ${name}, in one piece and byte by byte`, () => {
    const bytes = Buffer.from(text);
    assert.deepEqual(split(bytes, []), lines);
    assert.deepEqual(
      split(
        bytes,
        Array.from(bytes, (_, i) => i),
      ),
      lines,
    );
  });
}

test("lines: the same for any text and any split", () => {
  const texts = fc.array(fc.constantFrom("a", "\n", "\r", "\r\n", "é", "𝄞", '{"x":1}'), { maxLength: 30 });
  fc.assert(
    fc.property(texts, fc.array(fc.nat(200), { maxLength: 12 }), (parts, cuts) => {
      const text = parts.join("");
      assert.deepEqual(split(Buffer.from(text), cuts), text.split(/\r\n|\n|\r/));
    }),
    { numRuns: 500 },
  );
});

test("lines: one without end is refused at the bound, in one piece and in many", () => {
  assert.throws(() => new LineSplitter(10).push(Buffer.from("12345678901\n")), LineTooLongError);
  const splitter = new LineSplitter(10);
  for (let i = 0; i < 10; i++) splitter.push(Buffer.from("x"));
  assert.throws(() => splitter.push(Buffer.from("x")), LineTooLongError);
  assert.deepEqual(new LineSplitter(10).push(Buffer.from("1234567890\n")), ["1234567890"]);
});

test("lines: a mebibyte that comes byte by byte is copied a bounded number of times", () => {
  const splitter = new LineSplitter();
  const one = Buffer.from("x");
  for (let i = 0; i < 1 << 20; i++) splitter.push(one);
  assert.equal(splitter.push(Buffer.from("\n"))[0]?.length, 1 << 20);
});
