import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import {
  agent,
  type ChatRequest,
  createOllama,
  EngineBusyError,
  memoryJournal,
  type RunEvent,
  StaleWriterError,
} from "hearth";
import { scripted } from "hearth/testing";
import {
  type Ask,
  type AskEnd,
  type Observer,
  observedEngine,
  observedJournal,
  withHeaders,
  within,
} from "./index.ts";

const question: ChatRequest = { model: "scripted", messages: [], tools: [], sampling: {} };

/** An observer that writes down what it is told. */
function witness() {
  const asks: Ask[] = [];
  const ends: AskEnd[] = [];
  const events: RunEvent["type"][] = [];
  const over: string[] = [];
  const observer: Observer = {
    ask(ask) {
      asks.push(ask);
      return { end: (end) => void ends.push(end) };
    },
    event: (event) => void events.push(event.type),
    over: (runId) => void over.push(runId),
  };
  return { observer, asks, ends, events, over };
}

test("a question is told with how it ended, and nothing about the answer changes", async () => {
  const seen = witness();
  const plain = scripted([{ thinking: "Hm.", text: "Hello." }]).engine;
  const looked = observedEngine(scripted([{ thinking: "Hm.", text: "Hello." }]).engine, [seen.observer]);
  const all = async (engine: typeof looked) => {
    const events = [];
    for await (const event of engine.chat!(question, new AbortController().signal)) events.push(event);
    return events;
  };
  assert.deepEqual(await all(looked), await all(plain));
  assert.equal(looked.complete, undefined, "what it can't do stays so");
  assert.equal(seen.asks[0]?.model, "scripted");
  const [end] = seen.ends;
  assert.equal(end?.how, "whole");
  assert.equal(end?.reason, "stop");
  assert.ok(end?.firstMs !== undefined && end.firstMs <= end.ms && end.usage !== undefined);
});

test("an end is told once, whether it failed, was cancelled or nobody wanted the rest", async () => {
  const seen = witness();
  const engine = observedEngine(
    scripted([{ error: new EngineBusyError("busy") }, { hang: true }, { text: "a b c", chunk: 1 }]).engine,
    [seen.observer],
  );
  await assert.rejects(async () => {
    for await (const _ of engine.chat!(question, new AbortController().signal));
  }, EngineBusyError);
  const away = new AbortController();
  setTimeout(() => away.abort(), 5);
  await assert.rejects(async () => {
    for await (const _ of engine.chat!(question, away.signal));
  });
  for await (const _ of engine.chat!(question, new AbortController().signal)) break;
  assert.deepEqual(
    seen.ends.map(({ how, error }) => [how, error instanceof EngineBusyError]),
    [
      ["failed", true],
      ["left", false],
      ["left", false],
    ],
  );
});

test("every event of a run is seen, in order, and its lease while it is held", async () => {
  const seen = witness();
  const looked = observedJournal(memoryJournal(), [seen.observer]);
  const run = agent({ model: scripted([{ text: "Hello." }]), journal: looked.journal }).run("Hi.");
  const types = [];
  for await (const event of run) types.push(event.type);
  const { runId } = await run;
  assert.deepEqual(seen.events, types);
  assert.deepEqual(seen.over, [runId]);
  assert.equal(looked.leases.size, 0);
});

test("a writer that is too late holds nothing any more", async () => {
  const seen = witness();
  const inner = memoryJournal();
  const looked = observedJournal(inner, [seen.observer]);
  const lease = await looked.journal.acquire("r", "a", 1);
  assert.equal(looked.leases.size, 1);
  const event = { seq: 1, runId: "r", time: new Date().toISOString(), type: "run.resumed" } as const;
  const stale = { ...lease, epoch: lease.epoch - 1 };
  assert.throws(() => looked.journal.append(stale, 0, [event]), StaleWriterError);
  assert.deepEqual(seen.over, ["r"]);
  assert.deepEqual(seen.events, []);
});

test("handed off, a run stands still where its log ends, and another goes on with it", async () => {
  const inner = memoryJournal();
  const looked = observedJournal(inner, []);
  const script = [{ text: "Half of", gapMs: 5, chunk: 1 }];
  const run = agent({ model: scripted(script), journal: looked.journal }).run("Go on.");
  for await (const event of run) if (event.type === "text.delta") break;
  const handed = await looked.handOff();
  assert.deepEqual(handed, [run.id]);
  const before = (await inner.read(run.id)).length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await inner.read(run.id)).length, before, "nothing is written any more");
  const other = await agent({ model: scripted([{ text: "All of it." }]), journal: inner }).resume(run.id);
  assert.equal(other.text, "All of it.");
  assert.equal(other.stopReason, "answer");
});

test("headers go with requests begun inside, and with no other", async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((req, res) => {
    seen.push(req.headers["traceparent"]?.toString());
    res.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const engine = createOllama({ url: `http://127.0.0.1:${port}` });
  const ask = () => engine.models().catch(() => undefined);
  await withHeaders({ traceparent: "00-a-b-01" }, ask);
  await within({}, ask);
  server.closeAllConnections();
  server.close();
  // A listing of models takes two.
  assert.deepEqual(seen, ["00-a-b-01", "00-a-b-01", undefined, undefined]);
});
