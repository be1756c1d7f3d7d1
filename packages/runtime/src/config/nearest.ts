import { editDistance } from "hearth";

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
