/**
 * The embedded engine beside llama.cpp's own bindings for Python (cyllama, prebuilt), on the same file, prompt, threads and
 * window, round by round in turn: tokens read and tokens written a second, by the clock and by CPU time, which other work on
 * the machine does not change. Ours are measured from outside, pipe and all. Exits 1 below 0.95 of theirs by CPU time.
 * `node --conditions=@hearth/source bench/cyllama.ts [ROUNDS] [THREADS]`; needs python3 with venv and the package registry once.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BASE, createEmbedded, type EmbeddedEngine, modelsFolder } from "@hearth/llama";

const PACKAGE = "cyllama==0.2.18";
const WINDOW = 2048;
const WRITTEN = 96;
const LEAST = 0.95;
const ROUNDS = Number(process.argv[2] ?? 9);
const THREADS = Number(process.argv[3] ?? 1);

interface Times {
  input: number;
  output: number;
  promptMs: number;
  promptCpuMs: number;
  writeMs: number;
  writeCpuMs: number;
  text: string;
}

/** A Python with cyllama: made once, kept in the system's folder for temporary files. */
function python(): string {
  const folder = join(tmpdir(), `hearth-${PACKAGE.replace("==", "-")}`);
  const program = join(folder, "bin", "python");
  const run = (command: string, args: string[]): void => {
    const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`);
  };
  if (!existsSync(program)) run("python3", ["-m", "venv", folder]);
  if (spawnSync(program, ["-c", "import cyllama"]).status !== 0)
    run(program, ["-m", "pip", "install", "--quiet", "--only-binary=:all:", PACKAGE]);
  return program;
}

/** Some 500 tokens, other ones each round, so that nothing is in a cache. */
function promptOf(round: number): string {
  const words = "river stone lantern orchard winter harbour copper meadow thunder willow".split(" ");
  const line = (i: number): string =>
    `Note ${round}-${i}: the ${words[(round + i) % 10]} lay beside the ${words[(round * 3 + i * 7) % 10]}.`;
  const notes = Array.from({ length: 26 }, (_, i) => line(i)).join("\n");
  return `<|im_start|>user\n${notes}\nTell a long story about all of them.<|im_end|>\n<|im_start|>assistant\n`;
}

function theirs(file: string): {
  ask(prompt: string): Promise<Times>;
  close(): void;
  version: Promise<string>;
} {
  const script = new URL("cyllama-times.py", import.meta.url).pathname;
  const child = spawn(python(), [script, file, String(THREADS), String(WINDOW)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error("cyllama ended");
      // Its library writes a line or two of its own.
      if (value.startsWith("{")) return value;
    }
  };
  const version = next().then((line): string => JSON.parse(line).version);
  return {
    version,
    async ask(prompt) {
      await version;
      child.stdin.write(`${JSON.stringify({ prompt, maxTokens: WRITTEN })}\n`);
      return JSON.parse(await next());
    },
    close: () => child.stdin.end(),
  };
}

/** CPU time of a process so far; Linux counts it in hundredths of a second. */
function cpuMs(pid: number | undefined): number {
  const after = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(after[11]) + Number(after[12])) * 10;
}

async function ours(engine: EmbeddedEngine, file: string, prompt: string): Promise<Times> {
  await engine.countTokens(file, prompt);
  const start = [performance.now(), cpuMs(engine.pid)] as const;
  let first: readonly [number, number] | undefined;
  let [text, input, output] = ["", 0, 0];
  for await (const event of engine.complete(
    { model: file, prompt, contextTokens: WINDOW, sampling: { temperature: 0, maxTokens: WRITTEN } },
    new AbortController().signal,
  )) {
    if (event.type === "text") {
      first ??= [performance.now(), cpuMs(engine.pid)];
      text += event.text;
    }
    if (event.type === "usage") ({ input, output } = event);
  }
  const end = [performance.now(), cpuMs(engine.pid)] as const;
  const [at, cpu] = first ?? end;
  return {
    input,
    output,
    text: text.slice(0, 60),
    promptMs: at - start[0],
    promptCpuMs: cpu - start[1],
    writeMs: end[0] - at,
    writeCpuMs: end[1] - cpu,
  };
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const perSecond = (tokens: number, ms: number): number => (tokens / ms) * 1000;
const RATES = {
  "read, by CPU time": ({ input, promptCpuMs }: Times) => perSecond(input, promptCpuMs),
  "written, by CPU time": ({ output, writeCpuMs }: Times) => perSecond(output - 1, writeCpuMs),
  "read, by the clock": ({ input, promptMs }: Times) => perSecond(input, promptMs),
  "written, by the clock": ({ output, writeMs }: Times) => perSecond(output - 1, writeMs),
};

const file = join(modelsFolder(), BASE.file);
const engine = createEmbedded({ model: file, gpu: false, threads: THREADS, contextTokens: WINDOW });
const other = theirs(file);
const found: { mine: Times; other: Times }[] = [];
try {
  for (let round = 0; round <= ROUNDS; round++) {
    const prompt = promptOf(round);
    const mineFirst = round % 2 === 0;
    let mine = mineFirst ? await ours(engine, file, prompt) : undefined;
    const theirTimes = await other.ask(prompt);
    mine ??= await ours(engine, file, prompt);
    // The first round warms both up.
    if (round > 0) found.push({ mine, other: theirTimes });
  }
  console.log(
    `${ROUNDS} rounds, ${THREADS} thread(s), ${found[0]?.mine.input} tokens read (theirs ${found[0]?.other.input}), ${WRITTEN} written, ${BASE.file}; cyllama ${PACKAGE.split("==")[1]} (ggml ${await other.version})`,
  );
  for (const [name, rate] of Object.entries(RATES)) {
    const mine = median(found.map((round) => rate(round.mine)));
    const their = median(found.map((round) => rate(round.other)));
    const ratio = mine / their;
    const counts = name.endsWith("CPU time");
    const bad = counts && ratio < LEAST;
    console.log(
      `${bad ? "FAIL" : "ok  "} tokens ${name}: ${mine.toFixed(1)} a second, cyllama ${their.toFixed(1)}, ratio ${ratio.toFixed(2)}${counts ? ` (at least ${LEAST})` : ""}`,
    );
    if (bad) process.exitCode = 1;
  }
} finally {
  other.close();
  await engine.close();
}
