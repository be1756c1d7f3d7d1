import { sameName } from "hearth";

/** What every engine takes as the name of a tool. */
const MAX_NAME = 64;

/** A name that models and engines take: letters, digits, `_` and `-`, a letter first, at most 64. */
export function takenName(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^A-Za-z0-9_-]+/g, "_")
    .replace(/^_+|_+$/g, "");
  const started = /^[A-Za-z]/.test(plain) ? plain : plain === "" ? "tool" : `tool_${plain}`;
  return started.slice(0, MAX_NAME);
}

/**
 * A name that none of `taken` could be mistaken for. A tool keeps its own where it can; else its server's name comes before
 * it, and a number after it: no server can take the place of another's tool.
 */
export function freeName(name: string, server: string, taken: Iterable<string>): string {
  const known = [...taken];
  const free = (candidate: string): boolean =>
    sameName(candidate, known) === undefined && !likeSeveral(candidate, known);
  const own = takenName(name);
  if (free(own)) return own;
  const long = takenName(`${takenName(server).slice(0, 24)}_${own}`);
  for (let n = 1; ; n++) {
    const suffix = n === 1 ? "" : `_${n}`;
    const candidate = long.slice(0, MAX_NAME - suffix.length) + suffix;
    if (free(candidate)) return candidate;
  }
}

/** `sameName` answers nothing where two would fit: then the candidate is like both. */
function likeSeveral(candidate: string, known: readonly string[]): boolean {
  const folded = fold(candidate);
  return known.some((name) => fold(name) === folded);
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[_-]+/g, "");
}
