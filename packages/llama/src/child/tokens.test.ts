import assert from "node:assert/strict";
import { test } from "node:test";
import { gpuNeed, layersThatFit } from "./gpu.ts";
import { bannedTokens, commonPrefix, tokenize } from "./tokens.ts";

/** Each character is a token, but `<end>` is one, 1, where special tokens are read. */
function fake(bos: boolean) {
  return {
    tokenize: (text: string, special: boolean) =>
      Uint32Array.from(text.match(special ? /<end>|./gs : /./gs) ?? [], (part) =>
        part === "<end>" ? 1 : part.charCodeAt(0),
      ),
    shouldPrependBosToken: () => bos,
    tokenBos: () => 0,
    isEogToken: (token: number) => token === 1,
    init: async () => true,
    loadLora: async () => {},
    detokenize: () => "",
    getTrainContextSize: () => 100,
  };
}

test("special tokens are read, but not within literal ranges", () => {
  const prompt = "a<end>b<end>c";
  const of = (literal: [number, number][]) => Array.from(tokenize(fake(false), prompt, literal));
  assert.deepEqual(of([]), [97, 1, 98, 1, 99]);
  assert.equal(of([[6, 13]]).filter((token) => token === 1).length, 1);
  assert.equal(of([[0, 13]]).includes(1), false);
  assert.deepEqual(of([[6, 7]]), [97, 1, 98, 1, 99]);
});

test("the begin token is put in front once, where the model wants one", () => {
  assert.deepEqual(Array.from(tokenize(fake(true), "ab")), [0, 97, 98]);
  assert.deepEqual(Array.from(tokenize(fake(true), "\0ab")), [0, 97, 98]);
  assert.deepEqual(Array.from(tokenize(fake(true), "ab", [[0, 2]])), [0, 97, 98]);
  assert.deepEqual(Array.from(tokenize(fake(false), "")), []);
});

test("a grammar bans special tokens, but not the end and not those it names", () => {
  const special = [
    { id: 1, text: "<end>" },
    { id: 2, text: "<start>" },
    { id: 3, text: "<call>" },
  ];
  assert.deepEqual(bannedTokens(fake(false), special, 'root ::= "<call>" [^"]*'), [2]);
});

test("the common head of two lists", () => {
  assert.equal(commonPrefix([1, 2, 3], Uint32Array.of(1, 2, 4)), 2);
  assert.equal(commonPrefix([], [1]), 0);
  assert.equal(commonPrefix([1, 2], [1, 2]), 2);
});

test("as many layers go onto a GPU as its free memory holds with the cache", () => {
  const header = {
    version: 3,
    tensors: 1,
    specialTokens: [],
    blocks: 31,
    embedding: 4096,
    heads: 32,
    kvHeads: 8,
  };
  const need = gpuNeed(header, 4e9, 8192);
  assert.equal(need.layers, 32);
  assert.equal(need.cache, 31 * 8 * 256 * 2 * 8192);
  assert.equal(layersThatFit(need, 80e9), 32);
  assert.equal(layersThatFit(need, (need.weights + need.cache) / 0.85 / 2), 16);
  assert.equal(layersThatFit(need, 0), 0);
  assert.equal(layersThatFit(need, -1), 0);
});
