import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonObject } from "../../protocol/index.ts";
import type { EngineEvent } from "../types.ts";
import { CallAssembler } from "./calls.ts";

type Expected = [name: string, args: JsonObject | string, id?: string];

function assemble(pieces: readonly JsonObject[]): { calls: Expected[]; events: EngineEvent[] } {
  const assembler = new CallAssembler();
  const events: EngineEvent[] = [];
  for (const piece of pieces) assembler.push(piece, events);
  assembler.end(events);
  const calls = events.flatMap((event): Expected[] => {
    if (event.type !== "call.end") return [];
    const args = event.arguments ?? event.argumentsText;
    return [event.id === undefined ? [event.name, args] : [event.name, args, event.id]];
  });
  return { calls, events };
}

const fn = (name?: string, args?: string | JsonObject | null): JsonObject => ({
  function: { ...(name === undefined ? {} : { name }), ...(args === undefined ? {} : { arguments: args }) },
});
const A = { city: "Oslo" };
const B = { city: "Rome" };
const textA = JSON.stringify(A);
const textB = JSON.stringify(B);

const cases: [name: string, pieces: JsonObject[], calls: Expected[]][] = [
  [
    "by the letter: id and name once, arguments in pieces, calls by index",
    [
      { index: 0, id: "a", ...fn("w", "") },
      { index: 0, ...fn(undefined, '{"city":') },
      { index: 0, ...fn(undefined, '"Oslo"}') },
      { index: 1, id: "b", ...fn("w", textB) },
    ],
    [
      ["w", A, "a"],
      ["w", B, "b"],
    ],
  ],
  [
    "whole calls in one piece each",
    [
      { index: 0, id: "a", ...fn("w", textA) },
      { index: 1, id: "b", ...fn("w", textB) },
    ],
    [
      ["w", A, "a"],
      ["w", B, "b"],
    ],
  ],
  [
    "every index 0, other ids: calls of their own",
    [
      { index: 0, id: "a", ...fn("w", textA) },
      { index: 0, id: "b", ...fn("w", textB) },
    ],
    [
      ["w", A, "a"],
      ["w", B, "b"],
    ],
  ],
  [
    "every index 0 and no ids",
    [
      { index: 0, ...fn("w", textA) },
      { index: 0, ...fn("w", textB) },
    ],
    [
      ["w", A],
      ["w", B],
    ],
  ],
  [
    "every index 0, the second call in pieces",
    [
      { index: 0, id: "a", ...fn("w", textA) },
      { index: 0, id: "b", ...fn("x", "") },
      { index: 0, ...fn(undefined, textB) },
    ],
    [
      ["w", A, "a"],
      ["x", B, "b"],
    ],
  ],
  [
    "no index at all",
    [
      { id: "a", ...fn("w", textA) },
      { id: "b", ...fn("w", textB) },
    ],
    [
      ["w", A, "a"],
      ["w", B, "b"],
    ],
  ],
  [
    "no index, pieces without id",
    [{ id: "a", ...fn("w", "") }, fn(undefined, '{"city"'), fn(undefined, ':"Oslo"}')],
    [["w", A, "a"]],
  ],
  [
    "no index, pieces by id, interleaved",
    [
      { id: "a", ...fn("w", '{"city":') },
      { id: "b", ...fn("x", '{"city":') },
      { id: "a", ...fn(undefined, '"Oslo"}') },
      { id: "b", ...fn(undefined, '"Rome"}') },
    ],
    [
      ["w", '{"city":', "a"],
      ["x", B, "b"],
    ],
  ],
  [
    "the name with each piece",
    [
      { index: 0, id: "a", ...fn("w", '{"city"') },
      { index: 0, id: "a", ...fn("w", ':"Oslo"}') },
    ],
    [["w", A, "a"]],
  ],
  [
    "an id that changes from piece to piece",
    [
      { index: 0, id: "a", ...fn("w", "") },
      { index: 0, id: "q", ...fn(undefined, '{"city"') },
      { index: 0, id: "r", ...fn(undefined, ':"Oslo"}') },
    ],
    [["w", A, "a"]],
  ],
  [
    "an id that changes while the name is repeated",
    [
      { index: 0, id: "a", ...fn("w", "") },
      { index: 0, id: "q", ...fn("w", textA) },
    ],
    [["w", A, "a"]],
  ],
  [
    "the name only later",
    [
      { index: 0, id: "a", ...fn(undefined, '{"city"') },
      { index: 0, ...fn("w", ':"Oslo"}') },
    ],
    [["w", A, "a"]],
  ],
  [
    "the name after all arguments",
    [
      { index: 0, id: "a", ...fn(undefined, textA) },
      { index: 0, ...fn("w") },
    ],
    [["w", A, "a"]],
  ],
  [
    "the name in parts",
    [
      { index: 0, id: "a", ...fn("get_") },
      { index: 0, ...fn("weather") },
      { index: 0, ...fn(undefined, textA) },
    ],
    [["get_weather", A, "a"]],
  ],
  [
    "the name growing",
    [
      { index: 0, id: "a", ...fn("get") },
      { index: 0, ...fn("get_w") },
      { index: 0, ...fn(undefined, textA) },
    ],
    [["get_w", A, "a"]],
  ],
  [
    "arguments as an object",
    [
      { index: 0, id: "a", ...fn("w", A) },
      { index: 1, id: "b", ...fn("w", B) },
    ],
    [
      ["w", A, "a"],
      ["w", B, "b"],
    ],
  ],
  [
    "arguments null or absent: none",
    [
      { index: 0, id: "a", ...fn("now", null) },
      { index: 1, id: "b", ...fn("now") },
    ],
    [
      ["now", {}, "a"],
      ["now", {}, "b"],
    ],
  ],
  [
    "an empty object that only held the place",
    [
      { index: 0, id: "a", ...fn("w", "{}") },
      { index: 0, ...fn(undefined, textA) },
    ],
    [["w", A, "a"]],
  ],
  [
    "two calls without arguments, every index 0",
    [
      { index: 0, ...fn("now", "{}") },
      { index: 0, ...fn("now", "{}") },
    ],
    [
      ["now", {}],
      ["now", {}],
    ],
  ],
  [
    "the whole call again in the last chunk",
    [
      { index: 0, id: "a", ...fn("w", textA) },
      { index: 0, id: "a", ...fn("w", textA) },
    ],
    [["w", A, "a"]],
  ],
  [
    "one id for different calls: kept once",
    [
      { index: 0, id: "a", ...fn("w", textA) },
      { index: 1, id: "a", ...fn("w", textB) },
    ],
    [
      ["w", A, "a"],
      ["w", B],
    ],
  ],
  [
    "an index that jumps in the middle of a call",
    [
      { index: 0, id: "a", ...fn("w", '{"city"') },
      { index: 1, ...fn(undefined, ':"Oslo"}') },
    ],
    [["w", A, "a"]],
  ],
  [
    "a brace too many after the object",
    [
      { index: 0, id: "a", ...fn("w", `${textA}}`) },
      { index: 0, ...fn(undefined, "}") },
    ],
    [["w", `${textA}}`, "a"]],
  ],
  [
    "a brace too many in a piece of its own",
    [
      { index: 0, id: "a", ...fn("w", textA) },
      { index: 0, ...fn(undefined, "}") },
    ],
    [["w", A, "a"]],
  ],
  [
    "braces and quotes inside texts end nothing",
    [
      { index: 0, ...fn("w", '{"a":"}\\"{') },
      { index: 0, ...fn(undefined, '\\\\"}') },
    ],
    [["w", { a: '}"{\\' }]],
  ],
  ["arguments cut off", [{ index: 0, id: "a", ...fn("w", '{"city":"Os') }], [["w", '{"city":"Os', "a"]]],
  ["arguments that are no object", [{ index: 0, id: "a", ...fn("w", "[1]") }], [["w", "[1]", "a"]]],
  ["empty pieces say nothing", [{ index: 0 }, { index: 0, ...fn("", "") }], []],
  [
    "function fields at the top, as some proxies flatten them",
    [{ index: 0, id: "a", name: "w", arguments: textA }],
    [["w", A, "a"]],
  ],
];

for (const [name, pieces, calls] of cases) {
  test(`streamed calls: ${name}`, () => assert.deepEqual(assemble(pieces).calls, calls));
}

test("a call ends with its last brace, so that its tool can start before the next call is written", () => {
  const assembler = new CallAssembler();
  const events: EngineEvent[] = [];
  assembler.push({ index: 0, id: "a", ...fn("w", '{"city":') }, events);
  assert.equal(events.at(-1)?.type, "call.delta");
  assembler.push({ index: 0, ...fn(undefined, '"Oslo"}') }, events);
  assert.equal(events.at(-1)?.type, "call.end");
});

test("deltas of a call joined are its arguments, however they were cut", () => {
  const values = fc.dictionary(
    fc.string(),
    fc.oneof(fc.string(), fc.integer(), fc.constant({ a: ["}", '"'] })),
    { minKeys: 1 },
  );
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 7 }), (value, size) => {
      const text = JSON.stringify(value);
      const pieces: JsonObject[] = [{ index: 0, id: "a", ...fn("w", "") }];
      for (let i = 0; i < text.length; i += size)
        pieces.push({ index: 0, ...fn(undefined, text.slice(i, i + size)) });
      const { calls, events } = assemble(pieces);
      assert.deepEqual(calls, [["w", JSON.parse(text), "a"]]);
      const joined = events.map((event) => (event.type === "call.delta" ? event.text : "")).join("");
      assert.equal(joined, text);
    }),
    { numRuns: 300 },
  );
});
