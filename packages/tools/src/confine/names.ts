/**
 * A name as it can be shown: control, invisible and direction characters are written as escapes, so that a file's name
 * can neither start a new line of a listing nor play with the terminal.
 */
export function showName(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

/** 1023 B, 1.5 KB, 20 MB: 1 KB is 1,024 bytes, as `ls -h` and `du -h` count. */
export function showBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  let unit = 0;
  const units = ["B", "KB", "MB", "GB", "TB", "PB"];
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** 12,345 */
export function showCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** "1 file", "2 files". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${showCount(count)} ${count === 1 ? one : many}`;
}

/** Names by the alphabet as people read them, digits by their value; entries that begin with a dot last. */
export function byName(a: string, b: string): number {
  const dots = Number(a.startsWith(".")) - Number(b.startsWith("."));
  return dots !== 0 ? dots : collator.compare(a, b) || (a < b ? -1 : Number(a > b));
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** The candidates most like `wanted`, best first; empty where none is near. */
export function nearest(wanted: string, candidates: readonly string[], most = 3): string[] {
  const goal = wanted.toLowerCase();
  const scored = candidates.map((name) => {
    const other = name.toLowerCase();
    if (other === goal) return { name, score: 0 };
    const stem = (text: string) => text.replace(/\.[^.]*$/, "");
    if (stem(other) === stem(goal) && stem(goal) !== "") return { name, score: 0.1 };
    if (goal.length > 2 && (other.includes(goal) || (other.length > 2 && goal.includes(other)))) {
      return { name, score: 0.2 };
    }
    return { name, score: distance(goal, other) / Math.max(goal.length, other.length, 1) };
  });
  return scored
    .filter(({ score }) => score <= 0.45)
    .sort((a, b) => a.score - b.score || byName(a.name, b.name))
    .slice(0, most)
    .map(({ name }) => name);
}

/** Edits (insert, delete, replace, swap of neighbours) between two short texts. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 40 || a.length > 120 || b.length > 120) return 1000;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}
