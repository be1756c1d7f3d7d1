/** Sorts by time; the random half keeps two of one millisecond apart. */
export function newRunId(now: number): string {
  const random = crypto.getRandomValues(new Uint8Array(6));
  return `run_${now.toString(36)}_${Buffer.from(random).toString("base64url").replaceAll(/[-_]/g, "x")}`;
}
