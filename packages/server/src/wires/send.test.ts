import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { type Frames, sendFrames } from "./send.ts";

const failed = (error: unknown): string => `failed: ${error instanceof Error ? error.message : error}`;

/** A server that answers with these frames; what becomes of the response is told. */
async function serve(t: TestContext, frames: Frames, left?: () => void): Promise<[string, ServerResponse[]]> {
  const replies: ServerResponse[] = [];
  const server = createServer((_request, reply) => {
    replies.push(reply);
    sendFrames(reply, {}, frames, failed, left);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return [`http://127.0.0.1:${(server.address() as AddressInfo).port}`, replies];
}

test("the head leaves before the first frame is there; who goes then ends the frames", async (t) => {
  let returned = false;
  let release = (): void => undefined;
  const never: Frames = {
    next: () =>
      new Promise((resolve) => {
        release = () => resolve({ done: true, value: undefined });
      }),
    return: async () => {
      returned = true;
      release();
      return { done: true, value: undefined };
    },
  };
  const left = new Promise<void>((resolve) => {
    void serve(t, never, resolve).then(async ([url]) => {
      const control = new AbortController();
      const reply = await fetch(url, { signal: control.signal });
      assert.equal(reply.status, 200);
      control.abort();
    });
  });
  await left;
  assert.equal(returned, true);
});

test("a client that is gone before there is anything to send has left, and no frame is made", async () => {
  let made = 0;
  let gone = 0;
  const gate = new PassThrough();
  gate.destroy();
  await once(gate, "close");
  const frames = { next: () => ({ done: false as const, value: String(++made) }) };
  sendFrames(gate, {}, frames, failed, () => gone++);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([made, gone], [0, 1]);
});

test("text and bytes stay in order, and an error is the last frame", async (t) => {
  async function* frames(): AsyncGenerator<string | Uint8Array> {
    yield "a";
    yield "b";
    await new Promise((resolve) => setImmediate(resolve));
    yield Buffer.from("c");
    throw new Error("no more");
  }
  const [url] = await serve(t, frames());
  const reply = await fetch(url);
  assert.equal(await reply.text(), "abcfailed: no more");
});

test("a client that does not read stops the frames from being made", async (t) => {
  let made = 0;
  const piece = "x".repeat(16 * 1024);
  async function* frames(): AsyncGenerator<string> {
    for (; made < 4096; made++) yield piece;
  }
  const [url, replies] = await serve(t, frames());
  const reply = await fetch(url);
  let before = -1;
  while (before !== made) {
    before = made;
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(made < 2048, `${made} frames were made for nobody`);
  assert.ok((replies[0]?.writableLength ?? 0) < 1024 * 1024);
  assert.equal((await reply.text()).length, 4096 * piece.length);
});
