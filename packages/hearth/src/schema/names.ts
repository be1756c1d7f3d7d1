/** Longest name that is compared; what is beyond it does not count. */
const MAX_CHARS = 80;

/** Prefixes that models put before a tool's name, from the namespaces of chat templates (`functions.add`). */
const NAMESPACE = /^(?:functions?|tools?|default_api|api)[.:/]+(?=.)/i;

/** A name without case and separators: `getWeather`, `get_weather` and `Get-Weather` are one. */
function fold(name: string): string {
  return name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s_\-.:/]+/g, "");
}

/**
 * The known name that `name` surely means: itself, or the only one that differs in nothing but case, separators
 * or a namespace (`functions.get-weather` for `get_weather`). None where two would fit.
 */
export function sameName(name: string, known: Iterable<string>): string | undefined {
  const list = [...known];
  if (list.includes(name)) return name;
  for (const form of [name, name.replace(NAMESPACE, "")]) {
    const folded = fold(form);
    if (folded === "") continue;
    const matches = list.filter((candidate) => fold(candidate) === folded);
    if (matches.length > 0) return matches.length === 1 ? matches[0] : undefined;
  }
  return undefined;
}

/**
 * At most `count` known names that `name` may have meant, nearest first: few edits apart (a swap of neighbours is one),
 * or one holds the other. Only for suggestions: a guess is never run.
 */
export function nearestNames(name: string, known: Iterable<string>, count = 3): string[] {
  const wanted = fold(name.replace(NAMESPACE, "")).slice(0, MAX_CHARS);
  if (wanted === "") return [];
  const near: { candidate: string; score: number }[] = [];
  for (const candidate of known) {
    const folded = fold(candidate).slice(0, MAX_CHARS);
    if (folded === "") continue;
    const longer = Math.max(wanted.length, folded.length);
    const edits = editDistance(wanted, folded);
    const limit = Math.max(1, Math.floor(longer * 0.4));
    const held =
      Math.min(wanted.length, folded.length) >= 3 && (wanted.includes(folded) || folded.includes(wanted));
    const words = sharedWords(name, candidate);
    if (edits <= limit || held || words > 0) {
      near.push({ candidate, score: edits / longer - (held ? 0.4 : 0) - 0.3 * words });
    }
  }
  near.sort((a, b) => a.score - b.score);
  return near.slice(0, count).map((entry) => entry.candidate);
}

/** Words that both names have, as a share of the longer list (0 to 1). */
function sharedWords(a: string, b: string): number {
  const left = words(a);
  const right = words(b);
  const shared = [...left].filter((word) => right.has(word)).length;
  return shared / Math.max(left.size, right.size, 1);
}

function words(name: string): Set<string> {
  const parts = name
    .slice(0, MAX_CHARS)
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  return new Set(parts.filter((part) => part.length >= 3));
}

/** Insertions, deletions, substitutions and swaps of neighbours that make `a` from `b`. */
export function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let former = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min((former[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (former[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (older[j - 2] ?? 0) + 1);
      row.push(best);
    }
    older = former;
    former = row;
  }
  return former[b.length] ?? 0;
}
