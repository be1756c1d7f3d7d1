import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { StopTexts, TokenText, Trigger } from "./text.ts";

/** A tokenizer whose tokens are bytes. */
const bytes = (tokens: number[]) => Buffer.from(tokens).toString("utf8");

function shown(text: TokenText, tokens: Iterable<number>): string {
  let out = "";
  for (const token of tokens) out += text.push(token)?.text ?? "";
  return out + (text.end()?.text ?? "");
}

test("a character split over tokens comes out whole, with its last token", () => {
  const text = new TokenText(bytes);
  const pieces = [...Buffer.from("é🙂")].map((byte) => text.push(byte)?.text);
  assert.deepEqual(pieces, [undefined, "é", undefined, undefined, undefined, "🙂"]);
  assert.equal(text.end(), undefined);
});

test("any text comes out as it went in, whatever its characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (source) => {
      assert.equal(shown(new TokenText(bytes), Buffer.from(source)), Buffer.from(source).toString());
    }),
  );
});

test("bytes that are no character are let go after four tokens, and what is open at the end shows", () => {
  const text = new TokenText(bytes);
  assert.match(shown(text, [0xf0, 0x9f, 0x99]), /^\uFFFD+$/);
  const broken = new TokenText(bytes);
  const pieces = [0xff, 0xff, 0xff, 0xff, 0x41].map((byte) => broken.push(byte));
  assert.deepEqual(pieces.slice(0, 3), [undefined, undefined, undefined]);
  assert.match(pieces[3]?.text ?? "", /^\uFFFD+$/);
  assert.equal(pieces[4]?.text, "A");
});

test("a tokenizer that drops the space at the head of a text keeps it within the answer", () => {
  const words = ["", " the", " cat"];
  const dropping = (tokens: number[]) =>
    tokens
      .map((token) => words[token] ?? "")
      .join("")
      .replace(/^ /, "");
  assert.equal(shown(new TokenText(dropping, [1]), [2, 1]), " cat the");
});

function stopAt(stops: string[], chunks: string[]): { text: string; stopped: boolean } {
  const texts = new StopTexts(stops);
  let text = "";
  for (const chunk of chunks) {
    const step = texts.push(chunk);
    text += step.text;
    if (step.stopped) return { text, stopped: true };
  }
  return { text: text + texts.end(), stopped: false };
}

test("a stop text ends the answer and does not show, however it is cut", () => {
  const cases: [stops: string[], chunks: string[], text: string, stopped: boolean][] = [
    [["</s>"], ["a</", "s", ">b"], "a", true],
    [["</s>"], ["a</", "b>"], "a</b>", false],
    [["</s>"], ["a</s"], "a</s", false],
    [["END", "N"], ["xEND"], "xE", true],
    [["aab"], ["aaab"], "a", true],
    [[""], ["abc"], "abc", false],
    [[], ["abc"], "abc", false],
  ];
  for (const [stops, chunks, text, stopped] of cases) {
    assert.deepEqual(stopAt(stops, chunks), { text, stopped }, JSON.stringify(chunks));
  }
});

test("how a text is cut into chunks does not change where it stops", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "<"), maxLength: 30 });
  fc.assert(
    fc.property(letters, fc.array(letters, { maxLength: 3 }), (text, stops) => {
      assert.deepEqual(stopAt(stops, [...text]), stopAt(stops, [text]));
    }),
    { numRuns: 1000 },
  );
});

test("a trigger is found across pieces, with what follows it", () => {
  const trigger = new Trigger("<call>");
  assert.deepEqual(
    ["text <ca", "ll", ">\n{"].map((piece) => trigger.push(piece)),
    [undefined, undefined, "\n{"],
  );
  assert.equal(new Trigger("<").push("a<"), "");
});
