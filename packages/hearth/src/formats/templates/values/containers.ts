import { typeError, valueError } from "../errors.ts";
import { checkItems } from "../limits.ts";
import { methods } from "./arguments.ts";
import { double, index, isFloat, numeric } from "./numbers.ts";
import { equal, iterate, sequenceItems, toList } from "./operators.ts";
import { repr } from "./repr.ts";
import { Dict, DictView, Float, Generator, type Keywords, Namespace, Range, type Value } from "./types.ts";

const positions = (self: Value, value: Value): number[] =>
  sequenceItems(self)!.flatMap((item, at) => (equal(item, value) ? [at] : []));

/** Methods that list and tuple share. */
export const SEQUENCE_METHODS = methods<Value>({
  count: ["value /", (self, [value]) => positions(self, value!).length],
  index: [
    "value start? stop? /",
    (self, [value, start, stop]) => {
      const size = sequenceItems(self)!.length;
      const clamp = (n: number): number => (n < 0 ? Math.max(0, n + size) : n);
      const from = start === undefined ? 0 : clamp(index(start));
      const to = stop === undefined ? size : clamp(index(stop));
      const at = positions(self, value!).find((position) => position >= from && position < to);
      if (at === undefined) throw valueError(`${repr(value!)} is not in list`);
      return at;
    },
  ],
});

export const LIST_METHODS = methods<Value[]>({ copy: ["", (self) => [...self]] });

/** Methods that change a list; the sandbox refuses them. */
export const LIST_MUTATORS: ReadonlySet<string> = new Set([
  "append",
  "clear",
  "pop",
  "reverse",
  "insert",
  "sort",
  "extend",
  "remove",
]);

export const DICT_METHODS = methods<Dict>({
  copy: ["", (self) => Dict.of(self.entries())],
  fromkeys: [
    "iterable value? /",
    (_self, [keys, value]) => {
      const dict = new Dict();
      for (const key of iterate(keys!)) dict.set(key, value ?? null);
      return dict;
    },
  ],
  get: [
    "key default? /",
    (self, [key, fallback]) => {
      const value = self.get(key!);
      return value === undefined ? (fallback ?? null) : value;
    },
  ],
  items: ["", (self) => new DictView("dict_items", self)],
  keys: ["", (self) => new DictView("dict_keys", self)],
  values: ["", (self) => new DictView("dict_values", self)],
});

export const DICT_MUTATORS: ReadonlySet<string> = new Set([
  "clear",
  "pop",
  "popitem",
  "setdefault",
  "update",
]);

export const RANGE_METHODS = methods<Range>({
  count: ["value /", (self, [value]) => toList(self).filter((item) => equal(item, value!)).length],
  index: [
    "value /",
    (self, [value]) => {
      const at = toList(self).findIndex((item) => equal(item, value!));
      if (at < 0) throw valueError(`${repr(value!)} is not in range`);
      return at;
    },
  ],
});

/** Attributes of numbers that a template could name. */
export function numberAttribute(value: Value, name: string): Value | undefined {
  const number = numeric(value);
  if (number === undefined) return undefined;
  if (name === "real") return number;
  if (name === "imag") return isFloat(value) ? new Float(0) : 0;
  if (isFloat(value)) return FLOAT_METHODS.get(name)?.(double(number));
  if (name === "numerator") return number;
  if (name === "denominator") return 1;
  return INT_METHODS.get(name)?.(number as number | bigint);
}

const FLOAT_METHODS = methods<number>({ is_integer: ["", (self) => Number.isInteger(self)] });
const INT_METHODS = methods<number | bigint>({
  bit_length: ["", (self) => (Number(self) === 0 ? 0 : BigInt(self).toString(2).replace("-", "").length)],
  is_integer: ["", () => true],
});

/** `dict(...)` and `namespace(...)`: a mapping or pairs, then keywords. */
export function makeDict(args: readonly Value[], keywords: Keywords): Dict {
  if (args.length > 1) throw typeError(`dict expected at most 1 argument, got ${args.length}`);
  const dict = new Dict();
  const [from] = args;
  if (from instanceof Dict) for (const [key, value] of from.entries()) dict.set(key, value);
  else if (from !== undefined)
    for (const pair of iterate(from)) {
      const items = toList(pair);
      if (items.length !== 2) throw valueError("dictionary update sequence element is not a pair");
      dict.set(items[0]!, items[1]!);
    }
  for (const [key, value] of keywords) dict.set(key, value);
  return dict;
}

export function makeNamespace(args: readonly Value[], keywords: Keywords): Namespace {
  const namespace = new Namespace();
  for (const [key, value] of makeDict(args, keywords).entries()) namespace.attributes.set(key, value);
  return namespace;
}

/** What a slice takes: start, stop and step as Python clamps them. */
export function sliceIndices(length: number, start: Value, stop: Value, step: Value): number[] {
  const by = step === null ? 1 : index(step, "slice indices");
  if (by === 0) throw valueError("slice step cannot be zero");
  const low = by < 0 ? -1 : 0;
  const high = by < 0 ? length - 1 : length;
  const clamp = (value: Value, fallback: number): number => {
    if (value === null) return fallback;
    const n = index(value, "slice indices");
    return n < 0 ? Math.max(n + length, low) : Math.min(n, high);
  };
  const from = clamp(start, by < 0 ? high : low);
  const to = clamp(stop, by < 0 ? low : high);
  const out: number[] = [];
  if (by > 0) for (let i = from; i < to; i += by) out.push(i);
  else for (let i = from; i > to; i += by) out.push(i);
  checkItems(out.length);
  return out;
}

/** `reversed(x)`; fails on what has no order from behind. */
export function reversedItems(value: Value): Generator {
  const items = sequenceItems(value);
  if (items !== undefined)
    return new Generator([...items].reverse(), Array.isArray(value) ? "list_reverseiterator" : "reversed");
  if (value instanceof Range || value instanceof Dict || value instanceof DictView)
    return new Generator(toList(value).reverse(), "reversed");
  throw typeError("object is not reversible");
}
