import { spend } from "../limits.ts";
import { ordered } from "../values/operators.ts";
import { repr, stringRepr, typeName } from "../values/repr.ts";
import { Dict, Tuple, type Value } from "../values/types.ts";
import { splitLines } from "./unicode.ts";

const WIDTH = 80;

/** `pprint.pformat(value)`: what fits in 80 columns on one line, else one item a line; dict keys sorted. */
export function pformat(value: Value): string {
  return format(value, 0, 0, 1);
}

function format(value: Value, indent: number, allowance: number, level: number): string {
  spend(1);
  const line = sortedRepr(value);
  if (line.length <= WIDTH - indent - allowance) return line;
  if (value instanceof Dict && value.size > 0)
    return `{${dictItems(value, indent + 1, allowance + 1, level)}}`;
  if (Array.isArray(value)) return `[${items(value, indent + 1, allowance + 1, level)}]`;
  if (value instanceof Tuple) {
    const close = value.items.length === 1 ? ",)" : ")";
    return `(${items(value.items, indent + 1, allowance + close.length, level)}${close}`;
  }
  if (typeof value === "string" && value !== "") return longString(value, indent, allowance, level);
  return line;
}

/** One line, with the keys of each dict sorted. */
function sortedRepr(value: Value): string {
  if (value instanceof Dict)
    return `{${sortedEntries(value)
      .map(([key, item]) => `${sortedRepr(key)}: ${sortedRepr(item)}`)
      .join(", ")}}`;
  if (Array.isArray(value)) return `[${value.map(sortedRepr).join(", ")}]`;
  if (value instanceof Tuple)
    return `(${value.items.map(sortedRepr).join(", ")}${value.items.length === 1 ? ",)" : ")"}`;
  return repr(value);
}

/** Keys that can't be compared are ordered by the names of their types, as pprint does. */
function sortedEntries(dict: Dict): [Value, Value][] {
  const less = (a: Value, b: Value): boolean => {
    try {
      return ordered("<", a, b);
    } catch {
      return typeName(a) < typeName(b);
    }
  };
  return dict.entries().sort(([a], [b]) => (less(a, b) ? -1 : less(b, a) ? 1 : 0));
}

function dictItems(dict: Dict, indent: number, allowance: number, level: number): string {
  const entries = sortedEntries(dict);
  return entries
    .map(([key, item], at) => {
      const name = `${sortedRepr(key)}: `;
      return name + format(item, indent + name.length, at === entries.length - 1 ? allowance : 1, level + 1);
    })
    .join(`,\n${" ".repeat(indent)}`);
}

function items(list: readonly Value[], indent: number, allowance: number, level: number): string {
  return list
    .map((item, at) => format(item, indent, at === list.length - 1 ? allowance : 1, level + 1))
    .join(`,\n${" ".repeat(indent)}`);
}

/** A long string breaks at line ends and before white space, as adjacent literals. */
function longString(value: string, given: number, givenAllowance: number, level: number): string {
  const indent = level === 1 ? given + 1 : given;
  const allowance = level === 1 ? givenAllowance + 1 : givenAllowance;
  const lines = splitLines(value, true);
  const chunks: string[] = [];
  lines.forEach((line, at) => {
    const lastLine = at === lines.length - 1;
    const width = WIDTH - indent - (lastLine ? allowance : 0);
    if (stringRepr(line).length <= width) {
      chunks.push(stringRepr(line));
      return;
    }
    const words = line.match(/\S*\s*/g)?.filter((word) => word !== "") ?? [];
    let current = "";
    words.forEach((word, position) => {
      const room = WIDTH - indent - (lastLine && position === words.length - 1 ? allowance : 0);
      if (current !== "" && stringRepr(current + word).length > room) {
        chunks.push(stringRepr(current));
        current = "";
      }
      current += word;
    });
    if (current !== "") chunks.push(stringRepr(current));
  });
  if (chunks.length === 1) return chunks[0]!;
  const text = chunks.join(`\n${" ".repeat(indent)}`);
  return level === 1 ? `(${text})` : text;
}
