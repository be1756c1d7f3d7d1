import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel, Turns } from "./channel.ts";

test("items come out in order, waited for or not", async () => {
  const channel = new Channel<number>();
  channel.push(1);
  channel.push(2);
  assert.deepEqual([await channel.next(), await channel.next()], [1, 2]);
  const next = channel.next();
  channel.push(3);
  assert.equal(await next, 3);
});

test("turns are taken one at a time, in order of coming", async () => {
  const turns = new Turns();
  const order: number[] = [];
  const work = [1, 2, 3].map(async (name) => {
    const release = await turns.take();
    order.push(name);
    await Promise.resolve();
    order.push(-name);
    release();
    release();
  });
  assert.equal(turns.ahead, 3);
  await Promise.all(work);
  assert.deepEqual(order, [1, -1, 2, -2, 3, -3]);
  assert.equal(turns.ahead, 0);
});

test("who leaves the queue does not hold up those behind", async () => {
  const turns = new Turns();
  const first = await turns.take();
  const leaving = new AbortController();
  const second = turns.take(leaving.signal);
  const third = turns.take();
  leaving.abort(new Error("left"));
  await assert.rejects(second, /left/);
  first();
  (await third)();
  assert.equal(turns.ahead, 0);
  await assert.rejects(turns.take(AbortSignal.abort(new Error("never came"))), /never came/);
});
