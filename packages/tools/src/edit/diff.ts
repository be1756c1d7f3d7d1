const CONTEXT = 2;
const MAX_LINES = 60;

/** The difference of two texts as one hunk: the lines between their common beginning and end, with two lines around. */
export function showDiff(before: string, after: string): string {
  const old = before.split("\n");
  const now = after.split("\n");
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  )
    tail++;
  const gone = old.slice(head, old.length - tail).map((line) => `-${line}`);
  const come = now.slice(head, now.length - tail).map((line) => `+${line}`);
  if (gone.length === 0 && come.length === 0) return "";
  const from = Math.max(0, head - CONTEXT);
  const lines = [
    `@@ line ${head + 1} @@`,
    ...old.slice(from, head).map((line) => ` ${line}`),
    ...bounded(gone),
    ...bounded(come),
    ...old.slice(old.length - tail, old.length - tail + CONTEXT).map((line) => ` ${line}`),
  ];
  return lines.map((line) => (line.length > 300 ? `${line.slice(0, 300)}…` : line)).join("\n");
}

function bounded(lines: string[]): string[] {
  if (lines.length <= MAX_LINES) return lines;
  const half = MAX_LINES / 2;
  return [...lines.slice(0, half), ` [… ${lines.length - MAX_LINES} lines …]`, ...lines.slice(-half)];
}
