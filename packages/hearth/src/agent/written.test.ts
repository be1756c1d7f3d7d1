/** A journal that answers with promises, as one behind a network does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { scripted } from "../engines/scripted/index.ts";
import { type Journal, memoryJournal } from "../journal/index.ts";
import { type RunEvent, StaleWriterError } from "../protocol/index.ts";
import { agent } from "./index.ts";

const script = [{ calls: [{ name: "pay", args: {} }] }, { text: "Paid." }];

/** Memory behind a slow line; `refuse` tells which batch another driver has come before. */
function slow(refuse: (events: readonly RunEvent[]) => boolean = () => false): Journal & { log: RunEvent[] } {
  const journal = memoryJournal();
  const log: RunEvent[] = [];
  const later = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await turn();
  };
  return {
    ...journal,
    durable: true,
    log,
    async append(lease, expectedSeq, events) {
      await later();
      if (refuse(events)) throw new StaleWriterError("The run has gone on elsewhere.");
      await journal.append(lease, expectedSeq, events);
      log.push(...events);
    },
  };
}

const tool = (run: () => string) => ({
  name: "pay",
  description: "Pay",
  effect: "once" as const,
  parameters: { type: "object", properties: {} },
  run,
});

test("a call begins only when its intent is in the journal", async () => {
  const journal = slow();
  let there = false;
  const pay = tool(() => {
    there = journal.log.some((event) => event.type === "call.running");
    return "paid";
  });
  const { text } = await agent({ model: scripted(script), tools: [pay], journal }).run("Pay.");
  assert.equal(text, "Paid.");
  assert.ok(there);
});

test("whoever lost the run begins no call, and does not tell that it ended", async () => {
  for (const type of ["call.running", "run.finished"] as const) {
    let paid = 0;
    const pay = tool(() => {
      paid++;
      return "paid";
    });
    const journal = slow((events) => events.some((event) => event.type === type));
    const run = agent({ model: scripted(script), tools: [pay], journal }).run("Pay.");
    await assert.rejects(async () => run.outcome, StaleWriterError);
    assert.equal(paid, type === "call.running" ? 0 : 1);
  }
});

test("a run bears the name that it is given", async () => {
  const outcome = await agent({ model: scripted([{ text: "Yes." }]) }).run("?", { id: "run_of_mine" });
  assert.equal(outcome.runId, "run_of_mine");
});
