/** Sorts by time; the random half keeps two of one millisecond apart. */
export function newRunId(now: number): string {
  return `run_${now.toString(36)}_${crypto.randomUUID().slice(0, 8)}`;
}
