/** Names shown as near to an unknown one. */
const MAX_NEAR = 3;

/** Installed names that may have been meant, nearest first; none where nothing comes close. */
export function nearestNames(wanted: string, known: readonly string[]): string[] {
  const key = wanted.toLowerCase();
  const base = key.split(/[:/@]/)[0] ?? key;
  return known
    .map((name) => ({ name, distance: distanceTo(key, base, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(1, Math.floor(base.length / 3)))
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, MAX_NEAR)
    .map(({ name }) => name);
}

/** Another tag or a longer form of the same name is near, however many letters that makes. */
function distanceTo(key: string, base: string, name: string): number {
  const letters = Math.min(editDistance(key, name), editDistance(base, name.split(":")[0] ?? name));
  const related = base.length > 2 && (name.startsWith(base) || name.includes(`/${base}`));
  return related ? Math.min(letters, 1) : letters;
}

/** Insertions, deletions and replacements between two texts (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
