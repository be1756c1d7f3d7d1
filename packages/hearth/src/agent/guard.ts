/** One finished call, as the guard sees it: what was asked, what came back. */
export interface GuardEntry {
  call: string;
  result: string;
}

export type GuardVerdict =
  | { trip: false }
  | { trip: true; kind: "repeat" | "cycle" | "saturation"; action: "teach" | "stop"; count: number };

/** The same call with the same result this often: the model is told. */
export const TEACH_AT = 3;
/** This often: the run ends with `loop`. */
export const STOP_AT = 5;
/** One tool with no other in between, whatever its arguments and results: told at the first, ended at the second. */
export const SATURATION_TEACH_AT = 25;
export const SATURATION_STOP_AT = 40;

/**
 * Looks at the finished calls of a run, the newest last, and says whether the newest is part of a loop.
 * A changed result is progress: polling a job that moves is no loop.
 */
export function checkLoop(entries: readonly GuardEntry[], names: readonly string[]): GuardVerdict {
  const newest = entries.at(-1);
  if (newest === undefined) return { trip: false };
  const same = (entry: GuardEntry): boolean => entry.call === newest.call && entry.result === newest.result;
  let repeats = 0;
  for (let i = entries.length - 1; i >= 0 && same(entries[i]!); i--) repeats++;
  const repeat = verdict("repeat", repeats, TEACH_AT, STOP_AT);
  if (repeat.trip) return repeat;
  const cycle = verdict("cycle", cycles(entries), TEACH_AT, STOP_AT);
  if (cycle.trip) return cycle;
  let run = 0;
  for (let i = names.length - 1; i >= 0 && names[i] === names.at(-1); i--) run++;
  return verdict("saturation", run, SATURATION_TEACH_AT, SATURATION_STOP_AT);
}

function verdict(
  kind: "repeat" | "cycle" | "saturation",
  count: number,
  teach: number,
  stop: number,
): GuardVerdict {
  if (count >= stop) return { trip: true, kind, action: "stop", count };
  if (count === teach) return { trip: true, kind, action: "teach", count };
  return { trip: false };
}

/** How many times the last 2 to 4 distinct calls came round, unchanged, up to the newest; counted when a round closes. */
function cycles(entries: readonly GuardEntry[]): number {
  for (let period = 2; period <= 4; period++) {
    const tail = entries.slice(-period);
    if (tail.length < period || new Set(tail.map((entry) => entry.call)).size < 2) continue;
    let matched = 0;
    for (let i = entries.length - 1 - period; i >= 0; i--) {
      const a = entries[i]!;
      const b = entries[i + period]!;
      if (a.call !== b.call || a.result !== b.result) break;
      matched++;
    }
    if (matched > 0 && matched % period === 0) return matched / period + 1;
  }
  return 0;
}
