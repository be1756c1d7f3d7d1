import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KeyCutter, type Keys } from "./keys.ts";
import { Pastes } from "./pastes.ts";
import { typedAhead } from "./typed.ts";

function cut(chunks: readonly (string | Uint8Array)[]): Keys[] {
  const cutter = new KeyCutter();
  return chunks.flatMap((chunk) => cutter.push(chunk));
}

test("a piece is a line at most, and a paste is one piece with all its lines", () => {
  const pieces = cut(["ab\rcd\r\nef\x1b[200~x\r\ny\n\x1b[201~g\n"]);
  assert.deepEqual(pieces, [
    { kind: "keys", text: "ab", endsLine: true },
    { kind: "keys", text: "cd", endsLine: true },
    { kind: "keys", text: "ef", endsLine: false },
    { kind: "paste", text: "x\r\ny\n" },
    { kind: "keys", text: "g", endsLine: true },
  ]);
});

test("a lone escape and the arrows come at once", () => {
  for (const key of ["\x1b", "\x1b[A", "\x1b[3~", "\x1bOP"])
    assert.deepEqual(cut([key]), [{ kind: "keys", text: key, endsLine: false }]);
});

test("chunks don't matter, whatever splits marks and characters", () => {
  const bytes = Buffer.from("ä\r\x1b[200~zwei\nZeilen 🙂\x1b[201~ ok\r");
  const whole = joined(cut([bytes]));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 3, max: 9 })), (sizes) => {
      const chunks: Buffer[] = [];
      let at = 0;
      for (const size of sizes) chunks.push(bytes.subarray(at, (at += size)));
      chunks.push(bytes.subarray(at));
      // A mark that is split after its first one or two bytes can't be told from an escape key.
      fc.pre(!chunks.some((chunk) => /\x1b\[?$/.test(chunk.toString("latin1"))));
      assert.deepEqual(joined(cut(chunks)), whole);
    }),
  );
});

function joined(pieces: readonly Keys[]): string[] {
  const out: string[] = [];
  let keys = "";
  for (const piece of pieces) {
    keys += piece.kind === "keys" ? piece.text : `<${piece.text}>`;
    if (piece.kind === "keys" && piece.endsLine) {
      out.push(keys);
      keys = "";
    }
  }
  return [...out, keys];
}

test("a paste of several lines stands in the line as a word, and comes out whole", () => {
  const pastes = new Pastes();
  assert.equal(pastes.inline("plain words\n"), "plain words");
  const word = pastes.inline("one\r\ntwo\t.\n\n");
  assert.equal(word, "[paste 1: 2 lines]");
  assert.equal(pastes.inline("one\ntwo\t."), word);
  assert.equal(pastes.inline("x".repeat(501)), "[paste 2: 501 characters]");
  assert.equal(pastes.expand(`a ${word} b ${word}`), "a one\ntwo\t. b one\ntwo\t.");
  assert.equal(pastes.expand("[paste 9: 3 lines]"), "[paste 9: 3 lines]");
});

test("a paste that holds the word of another is not expanded twice", () => {
  const pastes = new Pastes();
  pastes.inline("[paste 2: 2 lines]\nx");
  const second = pastes.inline("b\nc");
  assert.equal(pastes.expand("[paste 1: 2 lines]"), "[paste 2: 2 lines]\nx");
  assert.equal(pastes.expand(second), "b\nc");
});

test("what is typed unseen can be mended", () => {
  const typed = typedAhead();
  typed.keys("abx\x7f\x1b[Dc");
  assert.equal(typed.take(), "abc");
  typed.keys("gone\x15kept");
  assert.equal(typed.take(), "kept");
  assert.equal(typed.keys("half\x03"), "interrupt");
  assert.equal(typed.take(), "");
});
