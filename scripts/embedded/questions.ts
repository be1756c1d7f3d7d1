/** The example questions, asked of the command itself in a folder whose right answers are known. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Question {
  ask: string;
  /** What a right answer holds. */
  right: RegExp[];
}

export const questions: readonly Question[] = [
  { ask: "What takes the most space in this folder?", right: [/^videos\/ .*MB \(100%\)/m] },
  { ask: "List the files in the folder reports", right: [/walrus\.csv/, /otter\.csv/] },
  { ask: "Find all Python files", right: [/main\.py/, /tools\/helper\.py/] },
  { ask: "How much free disk space is there?", right: [/^Disk: .* free/m] },
  { ask: "What is in README.md?", right: [/A house for otters/] },
  { ask: "Find all Python files, then check disk usage", right: [/main\.py/, /free/] },
  { ask: "Which files contain the word heron?", right: [/notes\.txt:1/] },
  { ask: "Hello!", right: [/\w/] },
];

export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "hearth-prove-"));
  for (const name of ["reports", "videos", "tools"]) mkdirSync(join(folder, name));
  const files: Record<string, string> = {
    "README.md": "# Otters\n\nA house for otters.\n",
    "main.py": "print(1)\n",
    "tools/helper.py": "print(2)\n",
    "reports/walrus.csv": "a,b\n1,2\n",
    "reports/otter.csv": "a,b\n3,4\n",
    "notes.txt": "The heron stood in the pond.\n",
    "videos/film.mp4": "x".repeat(2_000_000),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

export interface Answer {
  question: string;
  ok: boolean;
  text: string;
  ms: number;
}

export async function askAll(): Promise<Answer[]> {
  const folder = makeFolder();
  const out: Answer[] = [];
  try {
    for (const { ask, right } of questions) {
      const started = performance.now();
      const { code, text } = await askCommand(folder, ask);
      const ok = code === 0 && right.every((pattern) => pattern.test(text));
      out.push({ question: ask, ok, text, ms: performance.now() - started });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return out;
}

interface Ended {
  code: number | null;
  text: string;
}

const argsOf = (folder: string, ask: string): string[] => {
  const main = new URL("../../packages/cli/src/main.ts", import.meta.url).pathname;
  const options = ["--workspace", folder, "--journal", "none", "--engine", "embedded"];
  return ["--conditions=@hearth/source", main, "run", ...options, ask];
};

/** `hearth run` with the embedded engine, in a process of its own. */
const askCommand = (folder: string, ask: string): Promise<Ended> =>
  ended(spawn(process.execPath, argsOf(folder, ask), { stdio: ["ignore", "pipe", "inherit"] }));

/** The same, silent, with the CPU time of all its processes as bash counts it. */
export async function timedCommand(folder: string, ask: string): Promise<Ended & { cpuMs: number }> {
  const script = 'TIMEFORMAT="%U %S"; { time "$@" 2>/dev/null; } 2>&3';
  const child = spawn("bash", ["-c", script, "bash", process.execPath, ...argsOf(folder, ask)], {
    stdio: ["ignore", "pipe", "ignore", "pipe"],
  });
  let times = "";
  child.stdio[3]?.on("data", (chunk: Buffer) => {
    times += chunk.toString();
  });
  const result = await ended(child);
  const [user = Number.NaN, system = Number.NaN] = times.trim().split(" ").map(Number);
  return { ...result, cpuMs: (user + system) * 1000 };
}

function ended(child: ChildProcess): Promise<Ended> {
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, text }));
  });
}
