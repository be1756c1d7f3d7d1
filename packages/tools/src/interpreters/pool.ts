import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isObject, ToolError } from "hearth";
import { register } from "../sandbox/stop.ts";
import type { Job, JobResult } from "./protocol.ts";

/** Children kept for the next job; more are started when all are busy, and go away after it. */
const MAX_IDLE = 2;
const IDLE_MS = 60_000;
/** A job's own limit holds within a millisecond or two; beyond this the child is killed. */
const GRACE_MS = 200;
/** For a child to start and load its interpreter; a tenth of a second where nothing else runs. */
const START_MS = 20_000;

interface Idle {
  child: ChildProcess;
  timer: NodeJS.Timeout;
}

const idle: Idle[] = [];
let lastId = 0;

/** Runs one piece of code in a child. Limits end the code, or, where it does not heed them, the child. */
export async function interpret(
  job: Omit<Job, "id">,
  signal?: AbortSignal,
): Promise<JobResult & { ms: number }> {
  signal?.throwIfAborted();
  const id = ++lastId;
  let began = performance.now();
  const child = take();
  let stop: "time" | "stop" | undefined;
  const kill = (why: "time" | "stop") => {
    stop ??= why;
    child.kill("SIGKILL");
  };
  const release = register(() => kill("stop"));
  const abort = () => kill("stop");
  signal?.addEventListener("abort", abort, { once: true });
  let timer = setTimeout(() => kill("time"), START_MS);
  const started = () => {
    clearTimeout(timer);
    began = performance.now();
    timer = setTimeout(() => kill("time"), job.timeoutMs + GRACE_MS);
  };
  try {
    const result = await exchange(child, { ...job, id }, started);
    keep(child);
    return { ...result, ms: Math.round(performance.now() - began) };
  } catch (error) {
    child.kill("SIGKILL");
    if (stop === "stop") {
      signal?.throwIfAborted();
      throw new ToolError("The run was stopped.", { cause: error });
    }
    // Killed for time, or by the kernel for memory.
    const limit = stop ?? "memory";
    const text =
      limit === "time" ? "The code did not end in time." : "The code took more memory than allowed.";
    return {
      id,
      output: "",
      truncated: false,
      limit,
      error: { type: limit === "time" ? "TimeoutError" : "MemoryError", text },
      ms: Math.round(performance.now() - began),
    };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    release();
  }
}

function take(): ChildProcess {
  for (let one = idle.pop(); one !== undefined; one = idle.pop()) {
    clearTimeout(one.timer);
    if (one.child.connected && one.child.exitCode === null) {
      one.child.ref();
      one.child.channel?.ref();
      return one.child;
    }
  }
  return start();
}

/** Keeps a child without keeping the process alive for it. */
function keep(child: ChildProcess): void {
  if (!child.connected || idle.length >= MAX_IDLE) {
    child.kill("SIGKILL");
    return;
  }
  child.unref();
  child.channel?.unref();
  const timer = setTimeout(() => child.kill("SIGKILL"), IDLE_MS);
  timer.unref();
  idle.push({ child, timer });
}

const PRLIMIT = "/usr/bin/prlimit";

function start(): ChildProcess {
  const file = fileURLToPath(
    new URL(import.meta.url.endsWith(".ts") ? "./child.ts" : "./child.js", import.meta.url),
  );
  const node = [process.execPath, "--max-old-space-size=256", "--disable-wasm-trap-handler", file];
  // A ceiling for the whole child where it can be set; V8 and WebAssembly reserve some gigabytes that they never touch.
  const limited =
    process.platform === "linux" && existsSync(PRLIMIT)
      ? [PRLIMIT, "--data=6442450944", "--core=0", "--", ...node]
      : node;
  const [program = "", ...args] = limited;
  return spawn(program, args, {
    env: {},
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    serialization: "advanced",
    cwd: "/",
  });
}

function exchange(child: ChildProcess, job: Job, started: () => void): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const clean = () => {
      child.off("message", onMessage);
      child.off("exit", onExit);
      child.off("error", onExit);
    };
    const onMessage = (message: unknown) => {
      if (isObject(message) && message["started"] === job.id) started();
      if (!isResult(message) || message.id !== job.id) return;
      clean();
      resolve(message);
    };
    const onExit = (cause: unknown) => {
      clean();
      reject(new Error("the interpreter ended", { cause }));
    };
    child.on("message", onMessage);
    child.on("exit", onExit);
    child.on("error", onExit);
    child.send(job, (error) => {
      if (error !== null) onExit(error);
    });
  });
}

function isResult(value: unknown): value is JobResult {
  return isObject(value) && typeof value["id"] === "number" && typeof value["output"] === "string";
}
