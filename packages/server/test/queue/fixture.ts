import type { Job } from "./world.ts";

export interface FixtureOptions {
  seed: number;
  /** Calls in all. */
  calls: number;
  models: readonly string[];
  /** Milliseconds over which the jobs come. */
  spanMs: number;
  /** Share of the jobs that are runs of several calls. */
  runs: number;
  cancelled: number;
}

/** Numbers from 0 to 1, the same for one seed everywhere (mulberry32). */
export function randomFrom(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const PRIORITIES = ["high", "normal", "normal", "normal", "low"] as const;
const TENANTS = ["a", "b", "c", "d", "e"];

/** Random questions and runs of several tenants, some of them cancelled. */
export function fixture({ seed, calls, models, spanMs, runs, cancelled }: FixtureOptions): Job[] {
  const random = randomFrom(seed);
  const of = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const jobs: Job[] = [];
  for (let left = calls; left > 0; ) {
    const isRun = random() < runs;
    const count = Math.min(left, isRun ? 2 + Math.floor(random() * 10) : 1);
    left -= count;
    const at = Math.floor(random() * spanMs);
    jobs.push({
      id: jobs.length,
      at,
      tenant: of(TENANTS),
      priority: of(PRIORITIES),
      model: of(models),
      calls: Array.from({ length: count }, () => ({
        answerMs: answerMs(random),
        toolMs: 100 + Math.floor(-Math.log(1 - random()) * 700),
      })),
      ...(random() < cancelled ? { cancelAt: at + Math.floor(random() * 30_000) } : {}),
    });
  }
  return jobs.sort((a, b) => a.at - b.at);
}

/** Half a second to eight; two in the mean. */
export function answerMs(random: () => number): number {
  return 500 + Math.min(7500, Math.floor(-Math.log(1 - random()) * 1500));
}

export interface TwoOptions {
  seed: number;
  models: readonly string[];
  /** Milliseconds between two requests of the light tenant, in the mean. */
  everyMs: number;
  spanMs: number;
  /** How many times as many requests the heavy one sends. */
  times: number;
}

/** A light tenant by itself, and beside one that sends many times as much. */
export function lightAndHeavy({ seed, models, everyMs, spanMs, times }: TwoOptions): {
  alone: Job[];
  both: Job[];
} {
  const random = randomFrom(seed);
  let id = 0;
  const jobs = (tenant: string, every: number): Job[] => {
    const out: Job[] = [];
    for (let at = random() * every; at < spanMs; at += every * (0.5 + random())) {
      const model = models[Math.floor(random() * models.length)]!;
      const calls = [{ answerMs: answerMs(random), toolMs: 0 }];
      out.push({ id: id++, at: Math.floor(at), tenant, priority: "normal", model, calls });
    }
    return out;
  };
  const alone = jobs("light", everyMs);
  const heavy = jobs("heavy", everyMs / times);
  return { alone, both: [...alone, ...heavy].sort((a, b) => a.at - b.at) };
}
