/** Does it grow? Pure: samples in, sentences out. */
import { FIGURES, type Sample } from "./sample.ts";

/** Lowest heap of a window: what is left after a collection, where the window holds one. */
const WINDOWS = 6;
/** Caches fill and code is compiled in the first part: this share of the time is not judged. */
const WARM_SHARE = 0.34;
/** Live heap and resident memory may differ by this between the first and the last windows, in MB: the noise of collections. */
const HEAP_MB = 12;
const RSS_MB = 32;
/** Idle again, a service may hold this much more than when it was idle before: up to 32 connections to its engine are kept, a timer of an idle cache. */
const IDLE: Readonly<Record<(typeof FIGURES)[number], number>> = {
  fds: 36,
  timers: 6,
  leases: 0,
  sseClients: 0,
  running: 0,
  waiting: 0,
  runs: 0,
  // Interpreters are kept warm, at most two.
  children: 2,
};

export interface Finding {
  ok: boolean;
  line: string;
}

/** @param before idle, after a first load; `during` the load; `after` idle again */
export function judge(before: Sample, during: readonly Sample[], after: Sample): Finding[] {
  const judged = during.slice(Math.floor(during.length * WARM_SHARE));
  const findings = [
    growth("live heap", judged, (one) => one.heapMb, HEAP_MB),
    growth("resident memory", judged, (one) => one.rssMb, RSS_MB),
  ];
  for (const name of FIGURES) {
    const most = Math.max(...during.map((one) => one[name]));
    findings.push({
      ok: after[name] <= before[name] + IDLE[name],
      line: `${name}: ${before[name]} idle before, ${most} at most, ${after[name]} idle again`,
    });
  }
  return findings;
}

/** Compares the lowest values of the first two windows and of the last two: what is collected does not count. */
function growth(
  name: string,
  samples: readonly Sample[],
  read: (one: Sample) => number,
  mostMb: number,
): Finding {
  const size = Math.max(1, Math.floor(samples.length / WINDOWS));
  const lowest = (part: readonly Sample[]): number => Math.min(...part.map(read));
  const first = lowest(samples.slice(0, size * 2));
  const last = lowest(samples.slice(-size * 2));
  const slope = slopeOf(samples, read) * 3600;
  return {
    ok: samples.length > 0 && last - first <= mostMb,
    line: `${name}: ${first.toFixed(1)} MB after warming up, ${last.toFixed(1)} MB at the end (${slope.toFixed(0)} MB an hour by least squares)`,
  };
}

/** Least squares, a second. */
export function slopeOf(samples: readonly Sample[], read: (one: Sample) => number): number {
  const n = samples.length;
  if (n < 2) return 0;
  const meanX = samples.reduce((sum, one) => sum + one.s, 0) / n;
  const meanY = samples.reduce((sum, one) => sum + read(one), 0) / n;
  let top = 0;
  let bottom = 0;
  for (const one of samples) {
    top += (one.s - meanX) * (read(one) - meanY);
    bottom += (one.s - meanX) ** 2;
  }
  return bottom === 0 ? 0 : top / bottom;
}
