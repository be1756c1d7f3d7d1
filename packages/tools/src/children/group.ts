import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { register } from "../sandbox/stop.ts";
import { childEnvironment } from "./environment.ts";
import { Tail } from "./tail.ts";

export interface GroupOptions {
  program: string;
  args: readonly string[];
  /** Variables beside the usual few. */
  env?: Readonly<Record<string, string>>;
  /** Folder to start in. Default: the current one. */
  cwd?: string | undefined;
  /** Characters of stderr kept for messages. */
  stderrChars: number;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const LAST_WORDS_MS = 200;

/** Groups alive in this process: they must not outlive it. */
const alive = new Set<Group>();
let watching = false;

/**
 * A child process with all that it starts: one group, so that one signal reaches all of it, and a mark in the environment by
 * which those are found that left the group. The child is kept alive by nothing but this object.
 */
export class Group {
  readonly stderr: Tail;
  /** Resolves when the first process of the group has ended; rejects where it could not be started. */
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #mark = randomBytes(12).toString("hex");
  readonly #release: () => void;
  #over = false;

  constructor({ program, args, env = {}, cwd, stderrChars }: GroupOptions) {
    this.stderr = new Tail(stderrChars);
    this.#release = register(
      () => this.kill(),
      () => this.#signal("SIGTERM"),
    );
    const child = spawn(program, [...args], {
      env: { ...childEnvironment(env), HEARTH_CHILD: this.#mark },
      cwd,
      stdio: ["pipe", "pipe", "pipe"],
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    this.#child = child;
    child.stderr.setEncoding("utf8").on("data", (text: string) => this.stderr.push(text));
    // Whoever writes to a process that has gone learns it from `ended`.
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on("error", () => undefined);
    this.ended = new Promise((resolve, reject) => {
      child.once("error", (error) => {
        this.#close();
        reject(error);
      });
      child.once("exit", (code, signal) => {
        // What the child left behind goes with it.
        this.kill();
        this.#close();
        resolve({ code, signal });
      });
    });
    this.ended.catch(() => undefined);
    alive.add(this);
    if (!watching) {
      watching = true;
      process.on("exit", () => {
        for (const group of alive) group.kill();
      });
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get stdin(): Writable {
    return this.#child.stdin!;
  }

  get stdout(): Readable {
    return this.#child.stdout!;
  }

  /** Ends it as gently as it lets us: stdin is closed, then SIGTERM, then SIGKILL, each after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    if (this.#over) return;
    this.stdin.end();
    if (await this.#endsWithin(graceMs)) return;
    this.#signal("SIGTERM");
    if (await this.#endsWithin(graceMs)) return;
    this.kill();
    await this.#endsWithin(graceMs);
  }

  /** Ends all of it at once. */
  kill(): void {
    this.#signal("SIGKILL");
    for (const pid of marked(this.#mark)) killOne(pid);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (process.platform === "win32") {
      if (signal === "SIGKILL") spawn("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore" });
      return;
    }
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  }

  #endsWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      const done = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      this.ended.then(done, done);
    });
  }

  #close(): void {
    this.#over = true;
    alive.delete(this);
    this.#release();
    this.#child.stdin?.destroy();
    // Its last words are still read; a process that holds the pipe open is no reason to wait longer.
    setTimeout(() => this.#child.stderr?.destroy(), LAST_WORDS_MS).unref();
  }
}

/** Processes that carry the mark, wherever they are in the tree; read from /proc, empty where there is none. */
function marked(mark: string): number[] {
  if (process.platform !== "linux") return [];
  const wanted = `HEARTH_CHILD=${mark}`;
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readFileSync(`/proc/${name}/environ`, "latin1").includes(wanted) ? [Number(name)] : [];
    } catch {
      // Gone meanwhile, or another user's.
      return [];
    }
  });
}

function killOne(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone meanwhile.
  }
}
