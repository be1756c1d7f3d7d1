import { editDistance } from "../schema/names.ts";

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
