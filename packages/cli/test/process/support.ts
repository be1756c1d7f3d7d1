/** Starts the command as a user does, apart from the user's own settings. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunEvent } from "hearth";

export const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const SHARED = process.env["HEARTH_SHARED"] ?? join(ROOT, "../shared");
const MOCK = join(SHARED, "checks/mock_engine.mjs");

export interface Mock {
  url: string;
  chats: {
    body: { messages: { role: string; content: string }[]; stream?: boolean };
    closedEarly?: boolean;
  }[];
  requests: { path: string; headers: Record<string, string> }[];
  close(): Promise<void>;
}

/** Why tests with the scripted engine are skipped, or false. */
export const noMock: string | false = existsSync(MOCK) ? false : `${MOCK} is not there`;

export async function mockEngine(scenario: object): Promise<Mock> {
  const { startEngine }: { startEngine(scenario: object): Promise<Mock> } = await import(MOCK);
  return startEngine(scenario);
}

const made: string[] = [];
process.on("exit", () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A new folder with these files. */
export function folderWith(files: Record<string, string> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "hearth-cli-")));
  made.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const DROPPED =
  /^(HEARTH_|OLLAMA_|OPENAI_|npm_|XDG_|MODEL_NAME$|DEBUG$|INIT_CWD$|FORCE_COLOR$|[A-Z_]*proxy$)/i;

export interface Options {
  env?: Record<string, string>;
  cwd?: string;
  /** Text for stdin, which is then closed; `open` leaves it open and silent. Default: closed and empty. */
  stdin?: string | "open";
}

export interface Started {
  child: ChildProcess;
  /** Resolves when a whole line of stdout fits. */
  line(fits: (line: string) => boolean): Promise<string>;
  done: Promise<Ended>;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  ms: number;
}

export function start(args: readonly string[], { env = {}, cwd = ROOT, stdin = "" }: Options = {}): Started {
  const home = folderWith();
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !DROPPED.test(name)));
  const child = spawn(
    process.execPath,
    ["--conditions=@hearth/source", join(ROOT, "packages/cli/src/main.ts"), ...args],
    { cwd, env: { ...own, HOME: home, NO_COLOR: "1", CI: "1", ...env }, stdio: ["pipe", "pipe", "pipe"] },
  );
  const began = performance.now();
  const said = { stdout: "", stderr: "" };
  const waiting: {
    fits: (line: string) => boolean;
    resolve: (line: string) => void;
    reject: (why: Error) => void;
  }[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.stdout += text;
    const lines = said.stdout.split("\n").slice(0, -1);
    for (const wait of waiting) {
      const hit = lines.find(wait.fits);
      if (hit !== undefined) wait.resolve(hit);
    }
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.stderr += text;
  });
  child.stdin.on("error", () => undefined);
  if (stdin !== "open") child.stdin.end(stdin);
  return {
    child,
    line: (fits) => new Promise((resolve, reject) => waiting.push({ fits, resolve, reject })),
    done: new Promise((resolve) => {
      child.on("close", (code) => {
        for (const { reject } of waiting)
          reject(new Error(`ended with ${code} before that line: ${said.stderr}`));
        resolve({ code, ...said, ms: performance.now() - began });
      });
    }),
  };
}

export function hearth(args: readonly string[], options?: Options): Promise<Ended> {
  return start(args, options).done;
}

/** Every line of stdout as an event; a line that is none fails the test. */
export function eventsOf({ stdout }: Ended): RunEvent[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** Flags for a run against a scripted engine. */
export function against(mock: Mock, workspace: string, kind = "ollama"): string[] {
  const engine = ["--engine", mock.url, "--wire", kind, "--model", "mock"];
  return [...engine, "--workspace", workspace, "--journal", "none"];
}
