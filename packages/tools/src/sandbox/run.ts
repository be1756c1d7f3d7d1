import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { Duplex, type Readable } from "node:stream";
import { ToolError } from "hearth";
import { Output } from "./output.ts";
import { Slots } from "./slots.ts";
import { register, stopped } from "./stop.ts";
import { LIMITS, type Limit, type Limits, MAX_TIMEOUT_MS, type RunRequest, type RunResult } from "./types.ts";
import { descendants } from "./watch.ts";

/** How a level starts one program: what to execute, and the filter to hand over as descriptor 3. */
export interface Launch {
  file: string;
  args: string[];
  seccomp?: Buffer;
  /** Environment of the launcher itself; empty by default. */
  env?: Readonly<Record<string, string>>;
  /** What beside a signal to the launcher ends the program. */
  stop?: () => void;
  /** What is left to clear away when the program has ended. */
  after?: () => void;
}

export type Launcher = (
  argv: readonly string[],
  limits: Limits,
  request: RunRequest,
) => Launch | Promise<Launch>;

/** Four at once on this machine, as AgentExecMCP has it; sixteen more may wait. */
const slots = new Slots(4, 16);
const WATCH_MS = 100;
/** Output beyond this many times the kept size ends the run: a flood is no answer. */
const FLOOD = 200;

/** Runs a pipeline through a launcher within its limits. Failures of the program are in the result, none are thrown. */
export function runPipeline(request: RunRequest, launcher: Launcher, sandbox: string): Promise<RunResult> {
  const limits: Limits = { ...LIMITS, ...request.limits };
  if (limits.timeoutMs > MAX_TIMEOUT_MS)
    throw new ToolError(`A program may run ${MAX_TIMEOUT_MS / 1000} s at most.`);
  return slots.run(() => execute(request, limits, launcher, sandbox), request.signal);
}

/** How many programs run in sandboxes now. */
export const runningNow = (): number => slots.used;

async function execute(
  request: RunRequest,
  limits: Limits,
  launcher: Launcher,
  sandbox: string,
): Promise<RunResult> {
  const began = performance.now();
  const stdout = new Output(limits.outputChars);
  const stderr = new Output(Math.min(limits.outputChars, 20_000));
  const children: ChildProcess[] = [];
  const stops: (() => void)[] = [];
  const afters: (() => void)[] = [];
  let limit: Limit | undefined;
  const kill = (why?: Limit) => {
    limit ??= why;
    for (const child of children) killGroup(child);
    if (why !== undefined) for (const stop of stops.splice(0)) stop();
  };
  const terminate = () => {
    limit ??= "stop";
    for (const child of children) askToEnd(child);
  };
  const release = register(() => kill("stop"), terminate);
  // The emergency stop gives programs a moment before it kills them; any other cancel does not.
  const abort = () => (stopped() === undefined ? kill("stop") : terminate());
  const timer = setTimeout(() => kill("time"), limits.timeoutMs);
  const watch = setInterval(() => {
    const over = overLimit(children, limits);
    if (over !== undefined) kill(over);
  }, WATCH_MS);
  try {
    const show = (text: string, chars: number) => {
      if (text !== "") request.onOutput?.(text);
      if (chars > limits.outputChars * FLOOD) kill("output");
    };
    let input: Readable | string = request.stdin ?? "";
    const ends: Promise<number>[] = [];
    const launches: Launch[] = [];
    // All are made before the first is started: what a program writes while nobody is there to read it is lost when it ends.
    for (const { argv } of request.pipeline) {
      const made = launcher(argv, limits, request);
      const launch = made instanceof Promise ? await made : made;
      if (launch.after !== undefined) afters.push(launch.after);
      launches.push(launch);
    }
    for (const [index, stage] of request.pipeline.entries()) {
      const launch = launches[index];
      if (limit !== undefined || launch === undefined) break;
      if (launch.stop !== undefined) stops.push(launch.stop);
      const child = start(launch, request.channel);
      children.push(child);
      ends.push(ending(child));
      feed(child, input);
      const last = index === request.pipeline.length - 1;
      child.stderr?.on("data", (bytes: Buffer) => {
        if (stage.stderr === "discard") return;
        if (stage.stderr === "stdout") show(stdout.push(bytes), stdout.chars);
        else show(stderr.push(bytes), stderr.chars);
      });
      if (stage.discard === true) {
        child.stdout?.resume();
        input = "";
      } else if (last) child.stdout?.on("data", (bytes: Buffer) => show(stdout.push(bytes), stdout.chars));
      else input = child.stdout ?? "";
    }
    request.signal?.addEventListener("abort", abort, { once: true });
    if (request.signal?.aborted === true || stopped() !== undefined) abort();
    const codes = await Promise.all(ends);
    const result: RunResult = {
      exitCode: codes.at(-1) ?? 0,
      stdout: stdout.text(),
      stderr: request.pipeline.length > 1 ? withoutClosedPipes(stderr.text()) : stderr.text(),
      truncated: stdout.truncated || stderr.truncated,
      ms: Math.round(performance.now() - began),
      sandbox,
    };
    return limit === undefined ? result : { ...result, limit };
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    request.signal?.removeEventListener("abort", abort);
    kill();
    release();
    for (const after of afters) after();
  }
}

/** A program whose reader has gone ("yes | head") complains; in a shell it is ended without a word. */
function withoutClosedPipes(text: string): string {
  return text.replace(/^.*(?:Broken pipe|Connection reset by peer)\n?/gm, "");
}

function start({ file, args, seccomp, env = {} }: Launch, channel: RunRequest["channel"]): ChildProcess {
  const child = spawn(file, args, {
    // Bubblewrap's own process is visible inside, so it must not carry our environment.
    env,
    stdio: [
      "pipe",
      "pipe",
      "pipe",
      seccomp === undefined ? "ignore" : "pipe",
      ...(channel === undefined ? [] : ["pipe" as const]),
    ],
    // A group of its own, so that one signal reaches all of it.
    detached: true,
  });
  const fd = child.stdio[3];
  if (seccomp !== undefined && fd !== null && fd !== undefined && "write" in fd) {
    fd.on("error", ignoreClosed);
    fd.end(seccomp);
  }
  const way = child.stdio.at(4);
  if (channel !== undefined && way instanceof Duplex) {
    way.on("error", ignoreClosed);
    channel(way);
  }
  return child;
}

/** The program ended before it read what was meant for it; its exit code tells the rest. */
function ignoreClosed(): void {}

function feed(child: ChildProcess, input: Readable | string): void {
  const { stdin } = child;
  if (stdin === null) return;
  stdin.on("error", ignoreClosed);
  if (typeof input === "string") {
    stdin.end(input);
    return;
  }
  input.pipe(stdin);
  // The reader is gone ("head"): the writer learns of it as from any closed pipe.
  stdin.on("close", () => input.destroy());
}

function ending(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(new ToolError("The sandbox could not be started.", { cause })));
    child.once("close", (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}

/**
 * Kills a program with all that it started. Killing bubblewrap ends the whole pid namespace, but for a moment of its start, in which its
 * inner process has left the group and is not yet bound to the outer one's life: so that one is killed by name as well.
 */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  // Groups of their own are ended as groups, so that what they start meanwhile goes with them.
  const inner = descendants(child.pid).flatMap(({ pid }) => [-pid, pid]);
  for (const pid of [...inner, -child.pid, child.pid]) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone already.
    }
  }
}

/** SIGTERM for the program and what it started, not for what holds it: without that it would be killed at once. */
function askToEnd({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  const inner = descendants(pid).map((one) => one.pid);
  for (const one of inner.length === 0 ? [pid] : inner) {
    try {
      process.kill(one, "SIGTERM");
    } catch {
      // Gone already.
    }
  }
}

function overLimit(children: readonly ChildProcess[], limits: Limits): Limit | undefined {
  let count = 0;
  let mb = 0;
  for (const { pid } of children) {
    if (pid === undefined) continue;
    for (const one of descendants(pid)) {
      count++;
      mb += one.residentMb;
    }
  }
  if (mb > limits.memoryMb * 1.1) return "memory";
  // Two of each are bubblewrap's own.
  return count > limits.processes + children.length * 2 ? "processes" : undefined;
}
