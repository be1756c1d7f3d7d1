/**
 * CPU of the client per step of a streamed loop, beside a loop written by hand on global `fetch`: ten tool rounds and an
 * answer of 200 pieces, the engine in another process, passes interleaved, the least of each counted.
 * `node --conditions=@hearth/source bench/client.ts [JOBS [PASSES]]` prints one JSON value: milliseconds and ratios.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  agent,
  type Engine,
  type JsonObject,
  type Message,
  ollama,
  openai,
  userMessage,
} from "../packages/hearth/src/index.ts";
import { floorLoop } from "./client-floor.ts";

const STEPS = 11;
const WIRES = ["ollama", "openai"] as const;
const [jobs = 300, passes = 8] = process.argv.slice(2).map(Number);

const tool = {
  name: "add",
  description: "Adds two numbers.",
  parameters: {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a", "b"],
    additionalProperties: false,
  },
  run: ({ a, b }: { a: number; b: number }) => a + b,
};

type Job = () => Promise<{ text: string; steps: number }>;

/** The engine with as little round it as a loop can have: the share of the engine in what `agent` costs. */
async function bareLoop(engine: Engine): Promise<{ text: string; steps: number }> {
  const { run, ...schema } = tool;
  const messages: Message[] = [userMessage("Add.")];
  const { signal } = new AbortController();
  for (let steps = 1; ; steps++) {
    let text = "";
    const calls: { id: string; name: string; args: { a: number; b: number } }[] = [];
    const request = { model: "bench", messages, tools: [schema], sampling: {}, contextTokens: 16_384 };
    for await (const event of engine.chat!(request, signal)) {
      if (event.type === "text") text += event.text;
      else if (event.type === "call.end") {
        const { a, b } = event.arguments ?? {};
        calls.push({ id: event.id ?? "", name: event.name, args: { a: Number(a), b: Number(b) } });
      }
    }
    if (calls.length === 0) return { text, steps };
    messages.push({
      role: "assistant",
      content: calls.map(({ id, name, args }) => ({ type: "call", id, name, arguments: { ...args } })),
    });
    for (const { id, name, args } of calls) {
      messages.push({
        role: "tool",
        callId: id,
        name,
        content: [{ type: "text", text: String(run(args)) }],
        ok: true,
      });
    }
  }
}

function contestants(
  url: string,
  wire: (typeof WIRES)[number],
): { close(): Promise<void>; jobs: Record<string, Job> } {
  const model = (wire === "ollama" ? ollama : openai)("bench", { url });
  const adder = agent({
    model,
    tools: [{ ...tool, run: (args: JsonObject) => tool.run({ a: Number(args["a"]), b: Number(args["b"]) }) }],
  });
  return {
    close: () => model.engine.close(),
    jobs: {
      fetch: () => floorLoop(url, wire, tool),
      engine: () => bareLoop(model.engine),
      agent: async () => {
        const run = adder.run("Add.");
        // Reads every event, as a program that shows them does.
        for await (const event of run) if (event.type === "run.finished") break;
        return run.outcome;
      },
    },
  };
}

/** CPU milliseconds a step of this process. */
async function measure(job: Job): Promise<number> {
  globalThis.gc?.();
  const before = process.cpuUsage();
  for (let i = 0; i < jobs!; i++) {
    const { text, steps } = await job();
    if (steps !== STEPS || !text.trimEnd().endsWith("word199"))
      throw new Error(`a job went wrong: ${steps} steps, ${text.slice(-40)}`);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / jobs! / STEPS;
}

const server = spawn(process.execPath, [new URL("client-server.ts", import.meta.url).pathname], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const [line] = await once(server.stdout, "data");
  const url = String(line).trim();
  const report: Record<string, unknown> = { jobs, passes, steps: STEPS };
  for (const wire of WIRES) {
    const { jobs: entries, close } = contestants(url, wire);
    const least = new Map<string, number>();
    for (let pass = -1; pass < passes!; pass++) {
      for (const [name, job] of Object.entries(entries)) {
        const ms = await measure(job);
        if (pass >= 0) least.set(name, Math.min(ms, least.get(name) ?? Number.POSITIVE_INFINITY));
      }
    }
    await close();
    const floor = least.get("fetch")!;
    report[wire] = Object.fromEntries(
      [...least].map(([name, ms]) => [name, { cpuMsPerStep: round(ms), ratio: round(ms / floor) }]),
    );
  }
  console.log(JSON.stringify(report));
} finally {
  server.kill();
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
