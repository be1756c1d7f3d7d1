/** Edits (insert, delete, replace, swap of neighbours) that turn one name into the other. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

export interface Near {
  name: string;
  /** Near enough to be a slip: one letter, or two in a longer name. */
  likely: boolean;
  /** Worth naming: at most two of five letters differ. */
  close: boolean;
}

/** The known name that is nearest to what was written; spelling with `-`, `_` or capitals does not count. */
export function nearest(written: string, known: readonly string[]): Near | undefined {
  const plain = (name: string): string =>
    name
      .toLowerCase()
      .replace(/[-_.]/g, "")
      .replace(/^hearth/, "");
  const asked = plain(written);
  let found: Near | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const distance = editDistance(asked, plain(name));
    if (distance >= least) continue;
    least = distance;
    const longer = Math.max(asked.length, plain(name).length);
    found = { name, likely: distance <= (asked.length >= 8 ? 2 : 1), close: distance <= longer * 0.4 };
  }
  return found;
}
