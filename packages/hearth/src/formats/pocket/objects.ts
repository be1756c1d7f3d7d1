import { isFileName } from "./said.ts";
import { pathLike, words } from "./spans.ts";

interface Thing {
  from: number;
  to: number;
  file: boolean;
}

/** What may stand between two things of one asking. */
const BETWEEN =
  /^\s*(?:(?:,|&|\band\b|\bor\b|\bplus\b|\bas well as\b|\bwith\b|\bversus\b|\bvs\b\.?)\s*)+(?:(?:also|the|of|in|to|file|folder)\s+)*$/iu;
const MOST = 4;

/** A request that asks one thing of several files or folders ("read a.md and b.md"), as one request for each. */
export function spreadObjects(request: string): string[] {
  const run: Thing[] = [];
  for (const thing of things(request)) {
    const before = run.at(-1);
    const joined =
      before !== undefined &&
      before.file === thing.file &&
      BETWEEN.test(request.slice(before.to, thing.from));
    if (before === undefined || joined) run.push(thing);
    else if (run.length > 1) break;
    else run.splice(0, 1, thing);
  }
  const first = run[0];
  const last = run.at(-1);
  if (first === undefined || last === undefined || run.length < 2 || run.length > MOST) return [request];
  const [head, tail] = [request.slice(0, first.from), request.slice(last.to)];
  return run.map(({ from, to }) => `${head}${request.slice(from, to)}${tail}`.trim());
}

/** Files and folders that are named outright, in order: paths, quoted names with an ending, "the photos folder". */
function things(request: string): Thing[] {
  const out: Thing[] = [];
  for (const found of request.matchAll(/"([^"\n]+)"|`([^`\n]+)`|“([^”\n]+)”/gu)) {
    const text = found[1] ?? found[2] ?? found[3] ?? "";
    if (pathLike(text))
      out.push({ from: found.index, to: found.index + found[0].length, file: isFileName(text) });
  }
  for (const found of request.matchAll(/(?:\bthe\s+)?[\p{L}\p{N}._/-]+\s+(?:folder|directory)\b/giu))
    add(out, { from: found.index, to: found.index + found[0].length, file: false });
  for (const { text, from, to } of words(request))
    if (pathLike(text) && !/^\.{1,2}$/.test(text)) add(out, { from, to, file: isFileName(text) });
  return out.sort((a, b) => a.from - b.from);
}

function add(out: Thing[], thing: Thing): void {
  if (!out.some(({ from, to }) => from < thing.to && thing.from < to)) out.push(thing);
}
