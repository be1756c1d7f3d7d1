/**
 * A process that drives a run and may be killed at any moment: `driver.ts FOLDER` begins one, `driver.ts FOLDER RUN_ID` goes on with it.
 * Writes down in FOLDER what it does to the world: `asked` a line a question to the model, `done` a line an effect.
 * Prints `started RUN_ID`, `resumed` and `ended REASON`.
 */
import { appendFileSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { agent, sqliteJournal } from "hearth";
import { scripted } from "hearth/testing";

const [folder = ".", runId] = process.argv.slice(2);
/** Steps of the run: each pays and looks, the last one answers. */
export const STEPS = 6;

const model = scripted((request) => {
  const n = request.messages.filter((message) => message.role === "assistant").length;
  appendFileSync(join(folder, "asked"), `${n}\n`);
  const pause = { delayMs: 20, gapMs: 3, callGapMs: 12 };
  if (n >= STEPS) return { text: "All is paid.", ...pause };
  return {
    text: `Step ${n}.`,
    calls: [
      { name: "pay", args: { bill: n } },
      { name: "look", args: { at: n } },
    ],
    ...pause,
  };
});

const tools = [
  {
    name: "pay",
    description: "Pay a bill",
    effect: "once" as const,
    parameters: { type: "object", properties: { bill: { type: "integer" } }, required: ["bill"] },
    async run(args: Record<string, unknown>) {
      await sleep(8);
      const file = openSync(join(folder, "done"), "a");
      writeSync(file, `${args["bill"]}\n`);
      fsyncSync(file);
      await sleep(8);
      return `bill ${args["bill"]} is paid`;
    },
  },
  {
    name: "look",
    description: "Look at something",
    effect: "none" as const,
    parameters: { type: "object", properties: { at: { type: "integer" } }, required: ["at"] },
    async run(args: Record<string, unknown>) {
      await sleep(12);
      return `saw ${args["at"]}`;
    },
  },
];

const journal = sqliteJournal(join(folder, "runs.sqlite"));
const helper = agent({ model, tools, journal, limits: { maxSteps: STEPS + 2 } });
const run = runId === undefined ? helper.run("Pay all bills.") : helper.resume(runId);
for await (const event of run) {
  if (event.type === "run.started") console.log(`started ${event.runId}`);
  if (event.type === "run.resumed") console.log("resumed");
}
const { stopReason } = await run;
await journal.close();
console.log(`ended ${stopReason}`);
