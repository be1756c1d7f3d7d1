import assert from "node:assert/strict";
import { test } from "node:test";
import { later } from "./later.ts";

async function* two(log: string[]): AsyncGenerator<number> {
  try {
    yield 1;
    yield 2;
  } finally {
    log.push("let go");
  }
}

test("nothing is made before it is asked for, and it is made once", async () => {
  const log: string[] = [];
  const source = later(async () => {
    log.push("made");
    return two(log);
  });
  const events = source[Symbol.asyncIterator]();
  assert.deepEqual(log, []);
  const both = await Promise.all([events.next(), events.next()]);
  assert.deepEqual(
    both.map(({ value }) => value),
    [1, 2],
  );
  assert.equal((await events.next()).done, true);
  assert.deepEqual(log, ["made", "let go"]);
});

test("whoever leaves lets go of the source, made or not", async () => {
  const log: string[] = [];
  for await (const _ of later(async () => two(log))) break;
  assert.deepEqual(log, ["let go"]);
  const never = later<number>(() => Promise.reject(new Error("must not be made")))[Symbol.asyncIterator]();
  assert.deepEqual(await never.return?.(), { done: true, value: undefined });
});

test("a source that can't be made fails the first event", async () => {
  const events = later<number>(() => Promise.reject(new Error("no such file")))[Symbol.asyncIterator]();
  await assert.rejects(events.next(), /no such file/);
  assert.equal((await events.return?.())?.done, true);
});
