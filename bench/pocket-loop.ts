/**
 * Two loops round the same pocket model on the same tasks of several steps in folders whose right answers are known: this loop, and the
 * loop that guides show, which parses JSON, runs the tool, and asks again. `node --conditions=@hearth/source bench/pocket-loop.ts [ROUNDS]`
 * prints one JSON value; a round is six tasks.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createEmbedded, type EmbeddedEngine, POCKET } from "@hearth/llama";
import { DEFAULT_INSTRUCTIONS, workspaceNames } from "@hearth/runtime";
import { selectTools } from "@hearth/tools";
import {
  agent,
  isObject,
  type Message,
  normalizeResult,
  schemaOf,
  systemMessage,
  type Tool,
  userMessage,
} from "hearth";
import { promptFormatOf } from "hearth/formats";

const WORDS = [
  "heron",
  "otter",
  "walrus",
  "lynx",
  "beaver",
  "marten",
  "osprey",
  "plover",
  "badger",
  "ferret",
  "gannet",
  "kestrel",
];
const MAX_STEPS = 8;

interface Task {
  ask: string;
  files: Record<string, string>;
  /** What a right answer holds. */
  right: string[];
}

/** Six tasks of two steps each, with other names in each round. */
export function tasksOf(round: number): Task[] {
  const word = (n: number): string => WORDS[(round * 5 + n * 7) % WORDS.length]!;
  const [a, b, c] = [word(0), word(1), word(2)];
  const folder = ["reports", "letters", "notes", "data"][round % 4]!;
  const files = {
    [`${folder}/${a}.csv`]: "a,b\n1,2\n",
    [`${folder}/${b}.csv`]: "a,b\n3,4\n",
    [`${a}.py`]: "print(1)\n",
    [`tools/${b}.py`]: "print(2)\n",
    "README.md": `A house for the ${c}.\n`,
    "todo.txt": `Feed the ${a} at noon.\n`,
    "diary.txt": `The ${b} slept all day.\n`,
  };
  const task = (ask: string, ...right: string[]): Task => ({ ask, files, right });
  return [
    task("Find all Python files, then check disk usage", `${a}.py`, `${b}.py`, "free"),
    task(
      `List the files in the folder ${folder}, then read README.md`,
      `${a}.csv`,
      `${b}.csv`,
      `house for the ${c}`,
    ),
    task("Read todo.txt, then read diary.txt", `Feed the ${a}`, `${b} slept`),
    task(`Which files contain the word ${c}? Then read todo.txt`, "README.md", `Feed the ${a}`),
    task(
      `Check how much disk space is free, then list the files in ${folder}`,
      "free",
      `${a}.csv`,
      `${b}.csv`,
    ),
    task(
      `Find all csv files, then search for the word ${b} in the files`,
      `${a}.csv`,
      `${b}.csv`,
      "diary.txt",
    ),
  ];
}

/** This loop, with what the command gives it. */
async function ours(
  engine: EmbeddedEngine,
  task: string,
  tools: readonly Tool[],
  workspace: string,
): Promise<string> {
  const run = agent({
    model: { engine, model: POCKET },
    instructions: DEFAULT_INSTRUCTIONS,
    tools,
    workspace,
    artifacts: false,
    workspaceNames: () => workspaceNames(workspace),
    limits: { maxSteps: MAX_STEPS },
  }).run(task);
  return (await run).text;
}

/** The plain loop: parse, run, ask again; what can't be parsed is the answer. */
async function plain(
  engine: EmbeddedEngine,
  task: string,
  tools: readonly Tool[],
  workspace: string,
): Promise<string> {
  const format = promptFormatOf({ format: "pocket" });
  const messages: Message[] = [systemMessage(DEFAULT_INSTRUCTIONS), userMessage(task)];
  let text = "";
  for (let step = 0; step < MAX_STEPS; step++) {
    const { prompt, stop, stablePrefixChars } = format.render({ messages, tools: tools.map(schemaOf) });
    const sampling = { temperature: 0, maxTokens: 256, stop };
    text = "";
    const { signal } = new AbortController();
    for await (const event of engine.complete({ model: POCKET, prompt, stablePrefixChars, sampling }, signal))
      if (event.type === "text") text += event.text;
    const calls = [...text.matchAll(/<tool_call>\s*(\{[\s\S]*?\})\s*<\/tool_call>/g)];
    if (calls.length === 0) return text;
    messages.push({ role: "assistant", content: [], raw: { format: "pocket", text } });
    for (const [i, [, json = ""]] of calls.entries()) {
      const callId = `${step}-${i}`;
      const { name, content } = await plainCall(json, tools, { workspace, callId });
      messages.push({ role: "tool", callId, name, ok: true, content: [{ type: "text", text: content }] });
    }
  }
  return text;
}

async function plainCall(
  json: string,
  tools: readonly Tool[],
  { workspace, callId }: { workspace: string; callId: string },
): Promise<{ name: string; content: string }> {
  try {
    const call: unknown = JSON.parse(json);
    if (!isObject(call)) throw new Error("no object");
    const name = String(call["name"]);
    const tool = tools.find((one) => one.name === name);
    if (tool === undefined) return { name, content: `ERROR: '${name}'` };
    const { signal } = new AbortController();
    const args = isObject(call["arguments"]) ? call["arguments"] : {};
    const result = await tool.run(args, {
      signal,
      runId: "plain",
      callId,
      workspace,
      output: () => undefined,
    });
    return { name, content: normalizeResult(result).content };
  } catch (error) {
    return { name: "error", content: `ERROR: ${error instanceof Error ? error.message : error}` };
  }
}

export interface LoopScore {
  tasks: number;
  solved: { ours: number; plain: number };
  /** Tasks that one loop solved and the other did not. */
  only: { ours: number; plain: number };
  misses: { ask: string; loop: "ours" | "plain"; text: string }[];
  secondsPerTask: { ours: number; plain: number };
}

/** Both loops on every task, each in a fresh folder. */
export async function scoreLoops(
  rounds: number,
  onTask: (line: string) => void = () => undefined,
): Promise<LoopScore> {
  const engine = createEmbedded({ model: POCKET, gpu: false });
  const score: LoopScore = {
    tasks: 0,
    solved: { ours: 0, plain: 0 },
    only: { ours: 0, plain: 0 },
    misses: [],
    secondsPerTask: { ours: 0, plain: 0 },
  };
  try {
    for (let round = 0; round < rounds; round++) {
      for (const { ask, files, right } of tasksOf(round)) {
        score.tasks++;
        const solved = { ours: false, plain: false };
        for (const [loop, drive] of [
          ["ours", ours],
          ["plain", plain],
        ] as const) {
          const workspace = folderOf(files);
          const startedAt = performance.now();
          try {
            const tools = selectTools("", { workspace });
            const text = await drive(engine, ask, tools, workspace);
            solved[loop] = right.every((part) => text.toLowerCase().includes(part.toLowerCase()));
            if (solved[loop]) score.solved[loop]++;
            else score.misses.push({ ask, loop, text: text.slice(0, 300) });
          } finally {
            score.secondsPerTask[loop] += (performance.now() - startedAt) / 1000;
            rmSync(workspace, { recursive: true, force: true });
          }
        }
        if (solved.ours && !solved.plain) score.only.ours++;
        if (solved.plain && !solved.ours) score.only.plain++;
        onTask(`${solved.ours ? "ok  " : "miss"} ${solved.plain ? "ok  " : "miss"} ${ask}`);
      }
    }
  } finally {
    await engine.close();
  }
  for (const loop of ["ours", "plain"] as const)
    score.secondsPerTask[loop] = Math.round((score.secondsPerTask[loop] / score.tasks) * 10) / 10;
  return score;
}

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "hearth-loop-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

if (import.meta.main) console.log(JSON.stringify(await scoreLoops(Number(process.argv[2] ?? 2))));
