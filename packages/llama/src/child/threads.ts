import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";

/** What the machine offers. */
export interface Cores {
  /** Hardware threads this process may run on. */
  logical: number;
  /** Cores, where known; two hardware threads of one core do not compute faster than one. */
  physical?: number;
  /** CPUs' worth of time the cgroup grants. */
  quota?: number;
}

/**
 * Threads for decoding. llama.cpp's threads spin while they wait for each other, so one thread too many on a busy machine is
 * 250 times slower (measured: 34 against 0.14 tok/s); one core is left for everything else.
 */
export function chooseThreads(cores: Cores): number {
  if (cores.logical <= 2) return 1;
  const physical = Math.min(cores.physical ?? cores.logical, cores.logical);
  return Math.max(1, Math.floor(Math.min(physical - 1, cores.quota ?? Number.POSITIVE_INFINITY)));
}

export function readCores(): Cores {
  const cores: Cores = { logical: availableParallelism() };
  const physical = physicalCores();
  if (physical !== undefined) cores.physical = physical;
  const quota = cgroupQuota((file) => readFileSync(file, "utf8"));
  if (quota !== undefined) cores.quota = quota;
  return cores;
}

/** Linux: distinct (package, core) pairs. Elsewhere unknown; Apple's chips have one thread a core. */
function physicalCores(): number | undefined {
  if (process.platform !== "linux") return process.platform === "darwin" ? cpus().length : undefined;
  try {
    const text = readFileSync("/proc/cpuinfo", "utf8");
    const seen = new Set<string>();
    let socket = "0";
    for (const line of text.split("\n")) {
      const [key, value] = line.split(":").map((part) => part.trim());
      if (key === "physical id") socket = value ?? "0";
      if (key === "core id") seen.add(`${socket}/${value}`);
    }
    return seen.size > 0 ? seen.size : undefined;
  } catch {
    return undefined;
  }
}

/** CPUs granted by cgroup v2 (`cpu.max`) or v1; undefined where none is set. */
export function cgroupQuota(read: (file: string) => string): number | undefined {
  const attempt = (file: string) => {
    try {
      return read(file).trim();
    } catch {
      return undefined;
    }
  };
  const v2 = attempt("/sys/fs/cgroup/cpu.max")?.split(/\s+/);
  const quota = Number(v2?.[0] ?? attempt("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"));
  const period = Number(v2?.[1] ?? attempt("/sys/fs/cgroup/cpu/cpu.cfs_period_us"));
  return quota > 0 && period > 0 ? quota / period : undefined;
}

/** Tokens that must have been measured before a judgement. */
const SAMPLE_TOKENS = 16;
/** Spinning shows as CPU time without tokens: below this share of one thread's tokens per CPU second, threads are halved. */
const COLLAPSE = 0.4;
/** Tokens after which a lowered count is tried one step up again. */
const PROBE_TOKENS = 2000;

/** Work done between two looks at the clock. */
export interface Work {
  tokens: number;
  cpuMs: number;
  kind: "prefill" | "decode";
}

/**
 * Keeps the number of threads where they help. The first tokens of each kind run on one thread, which tells what a CPU second
 * yields here; then the ideal number runs, and is halved when the yield collapses, and doubled again after a while.
 */
export class Threads {
  #now: number;
  #allowed: number;
  #quiet = 0;
  readonly ideal: number;
  readonly #alone = new Map<Work["kind"], number>();
  readonly #sums = new Map<Work["kind"], { tokens: number; cpuMs: number }>();

  constructor(ideal: number) {
    this.ideal = ideal;
    this.#allowed = ideal;
    this.#now = 1;
  }

  /** Threads to set before the next work of this kind. */
  for(kind: Work["kind"]): number {
    this.#now = this.#alone.has(kind) ? this.#allowed : 1;
    return this.#now;
  }

  did(work: Work): void {
    if (this.ideal === 1) return;
    const sum = this.#sums.get(work.kind) ?? { tokens: 0, cpuMs: 0 };
    sum.tokens += work.tokens;
    sum.cpuMs += work.cpuMs;
    this.#sums.set(work.kind, sum);
    this.#quiet += work.tokens;
    if (sum.tokens < SAMPLE_TOKENS) return;
    this.#sums.delete(work.kind);
    const yielded = sum.tokens / Math.max(sum.cpuMs, 0.1);
    const alone = this.#alone.get(work.kind);
    if (alone === undefined) this.#alone.set(work.kind, yielded);
    else if (this.#now > 1 && yielded < COLLAPSE * alone) {
      this.#allowed = Math.max(1, this.#allowed >> 1);
      this.#quiet = 0;
      this.#sums.clear();
    } else if (this.#allowed < this.ideal && this.#quiet >= PROBE_TOKENS) {
      this.#allowed = Math.min(this.ideal, this.#allowed * 2);
      this.#quiet = 0;
      this.#sums.clear();
    }
  }
}
