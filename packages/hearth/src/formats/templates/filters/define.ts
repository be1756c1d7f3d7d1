import { runtimeError } from "../errors.ts";
import { getItem } from "../values/access.ts";
import { signature } from "../values/arguments.ts";
import { ordered } from "../values/operators.ts";
import { str } from "../values/repr.ts";
import { type Keywords, textOf, Undefined, type Value } from "../values/types.ts";

/** A filter or test: the value it is applied to comes first. */
export type Filter = (args: readonly Value[], keywords: Keywords) => Value;

type Table = Readonly<
  Record<string, readonly [spec: string, run: (...bound: (Value | undefined)[]) => Value]>
>;

/** Filters by name; each with its signature, the filtered value included. */
export function table(rows: Table): [string, Filter][] {
  return Object.entries(rows).map(([name, [spec, run]]) => {
    const bind = signature(name, spec);
    return [name, (args, keywords) => run(...bind(args, keywords))];
  });
}

export const given = (value: Value | undefined): value is Value => value !== undefined && value !== null;

/** Case does not count in sorting, `unique`, `min` and the like unless asked. */
export const ignoreCase = (value: Value): Value => textOf(value)?.toLowerCase() ?? value;

/** `attribute="a.b.0"` as a path of subscripts. */
export function attributeGetter(attribute: Value | undefined, fallback?: Value): (item: Value) => Value {
  const path = attributePath(attribute);
  return (item) => {
    let value = item;
    for (const key of path) {
      value = getItem(value, key);
      if (value instanceof Undefined && given(fallback)) value = fallback;
    }
    return value;
  };
}

export function attributePath(attribute: Value | undefined): Value[] {
  if (!given(attribute)) return [];
  const text = textOf(attribute);
  if (text === undefined) return [attribute];
  return text.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** A stable sort by Python's `<`, which may refuse. */
export function sorted<T>(items: T[], key: (item: T) => Value, reverse: boolean): T[] {
  const keyed = items.map((item) => ({ item, key: key(item) }));
  keyed.sort((a, b) => {
    if (ordered("<", a.key, b.key)) return reverse ? 1 : -1;
    return ordered("<", b.key, a.key) ? (reverse ? -1 : 1) : 0;
  });
  return keyed.map((entry) => entry.item);
}

/** `str(value)` for filters that take anything as text. */
export const soft = (value: Value | undefined): string => str(value ?? null);

export const argumentError = runtimeError;
