import { TemplateError, typeError } from "../errors.ts";
import { checkItems, spend } from "../limits.ts";
import { points } from "../text/unicode.ts";
import { onlyAttribute } from "../values/access.ts";
import { reversedItems } from "../values/containers.ts";
import { dumpJson } from "../values/json.ts";
import { index } from "../values/numbers.ts";
import { equal, iterate, length, ordered, sequenceItems, toList, truth } from "../values/operators.ts";
import { typeName } from "../values/repr.ts";
import {
  Dict,
  DictView,
  Generator,
  Range,
  SeenKeys,
  Tuple,
  textOf,
  Undefined,
  type Value,
} from "../values/types.ts";
import { argumentError, attributeGetter, type Filter, given, ignoreCase, sorted, table } from "./define.ts";

const insensitive = (caseSensitive: Value | undefined): boolean => !truth(caseSensitive ?? false);

function toJson(value: Value, bound: readonly (Value | undefined)[]): string {
  const [ascii, indent, separators, sortKeys] = bound;
  const level = given(indent)
    ? (textOf(indent) ?? " ".repeat(Math.min(1000, Math.max(0, index(indent)))))
    : undefined;
  const [item, key] = given(separators) ? pair(separators) : [level === undefined ? ", " : ",", ": "];
  return dumpJson(value, {
    ensureAscii: truth(ascii ?? false),
    indent: level,
    itemSeparator: item,
    keySeparator: key,
    sortKeys: truth(sortKeys ?? false),
  });
}

function pair(value: Value): [string, string] {
  const items = toList(value).map((item) => textOf(item));
  if (items.length !== 2 || items[0] === undefined || items[1] === undefined)
    throw typeError("separators must be a pair of strings");
  return [items[0], items[1]];
}

function dictSort(value: Value, ...[caseSensitive, by, reverse]: (Value | undefined)[]): Value {
  const how = by === undefined ? "key" : textOf(by);
  if (how !== "key" && how !== "value") throw argumentError('You can only sort by either "key" or "value"');
  if (!(value instanceof Dict)) throw attributeMissing(value, "items");
  const fold = insensitive(caseSensitive);
  const key = ([name, item]: [Value, Value]): Value => {
    const part = how === "key" ? name : item;
    return fold ? ignoreCase(part) : part;
  };
  return sorted(value.entries(), key, truth(reverse ?? false)).map((entry) => new Tuple(entry));
}

const attributeMissing = (value: Value, name: string): TemplateError =>
  value instanceof Undefined
    ? new TemplateError("undefined", value.message)
    : new TemplateError("attribute", `'${typeName(value)}' object has no attribute '${name}'`);

function sort(value: Value, ...[reverse, caseSensitive, attribute]: (Value | undefined)[]): Value {
  const fold = insensitive(caseSensitive);
  const paths = given(attribute) ? (textOf(attribute)?.split(",") ?? [attribute]) : [null];
  const getters = paths.map((path) => attributeGetter(path));
  const key = (item: Value): Value =>
    getters.map((get) => {
      const part = get(item);
      return fold ? ignoreCase(part) : part;
    });
  return sorted(toList(value), key, truth(reverse ?? false));
}

function groupBy(value: Value, ...[attribute, fallback, caseSensitive]: (Value | undefined)[]): Value {
  const get = attributeGetter(attribute, fallback);
  const fold = insensitive(caseSensitive);
  const key = (item: Value): Value => (fold ? ignoreCase(get(item)) : get(item));
  const groups: { key: Value; items: Value[] }[] = [];
  for (const item of sorted(toList(value), key, false)) {
    const last = groups.at(-1);
    const now = key(item);
    if (last !== undefined && equal(last.key, now)) last.items.push(item);
    else groups.push({ key: now, items: [item] });
  }
  return groups.map(
    (group) => new Tuple([fold ? get(group.items[0]!) : group.key, group.items], ["grouper", "list"]),
  );
}

function* unique(value: Value, caseSensitive: Value | undefined, attribute: Value | undefined): Items {
  const get = attributeGetter(attribute);
  const fold = insensitive(caseSensitive);
  const seen = new SeenKeys();
  for (const item of iterate(value)) {
    spend(1);
    if (seen.add(fold ? ignoreCase(get(item)) : get(item))) yield item;
  }
}

type Items = Iterable<Value> & Iterator<Value>;

function extreme(
  value: Value,
  op: "<" | ">",
  caseSensitive: Value | undefined,
  attribute: Value | undefined,
): Value {
  const get = attributeGetter(attribute);
  const fold = insensitive(caseSensitive);
  let best: { item: Value; key: Value } | undefined;
  for (const item of iterate(value)) {
    const key = fold ? ignoreCase(get(item)) : get(item);
    if (best === undefined || ordered(op, key, best.key)) best = { item, key };
  }
  return best === undefined ? new Undefined("No aggregated item, sequence was empty.") : best.item;
}

function* batch(value: Value, size: number, fill: Value | undefined): Items {
  let part: Value[] = [];
  for (const item of iterate(value)) {
    if (part.length === size) {
      yield part;
      part = [];
    }
    part.push(item);
  }
  if (part.length === 0) return;
  if (given(fill)) {
    checkItems(size);
    while (part.length < size) part.push(fill);
  }
  yield part;
}

function* slices(value: Value, count: number, fill: Value | undefined): Items {
  const all = toList(value);
  if (count === 0) throw new TemplateError("arithmetic", "integer division or modulo by zero");
  const size = Math.floor(all.length / count);
  const extra = all.length - size * count;
  let from = 0;
  for (let at = 0; at < count; at++) {
    spend(1);
    const to = from + size + (at < extra ? 1 : 0);
    const part = all.slice(from, to);
    if (given(fill) && at >= extra) part.push(fill);
    from = to;
    yield part;
  }
}

function reverse(value: Value): Value {
  const text = textOf(value);
  if (text !== undefined) return points(text).reverse().join("");
  if (value instanceof Undefined) return new Generator([], "reversed");
  if (
    sequenceItems(value) !== undefined ||
    value instanceof Range ||
    value instanceof Dict ||
    value instanceof DictView
  )
    return reversedItems(value);
  try {
    return toList(value).reverse();
  } catch (error) {
    if (error instanceof TemplateError && error.kind === "type")
      throw argumentError("argument must be iterable");
    throw error;
  }
}

function last(value: Value): Value {
  const text = textOf(value);
  const backward = (): Iterable<Value> => (value instanceof Undefined ? [] : reversedItems(value));
  for (const item of text === undefined ? backward() : points(text).reverse()) return item;
  return new Undefined("No last item, sequence was empty.");
}

function first(value: Value): Value {
  for (const item of once(iterate(value))) return item;
  return new Undefined("No first item, sequence was empty.");
}

/** Takes items without closing a generator that goes on to be used. */
function* once(items: Iterable<Value>): Items {
  const next = items[Symbol.iterator]().next();
  if (next.done !== true) yield next.value;
}

/** Python chooses by chance; here it is the first, so that the same input gives the same prompt. */
function random(value: Value): Value {
  if (value instanceof Dict) throw new TemplateError("lookup", "0");
  if (length(value) === 0) return new Undefined("No random item, sequence was empty.");
  return first(value);
}

export const SEQUENCE_FILTERS: [string, Filter][] = table({
  attr: [
    "obj name",
    (value, name) => {
      const text = textOf(name!);
      if (text === undefined) throw typeError("attribute name must be string");
      return onlyAttribute(value!, text);
    },
  ],
  batch: [
    "value linecount fill_with?",
    (value, size, fill) => new Generator(batch(value!, index(size!), fill)),
  ],
  count: ["obj /", (value) => length(value!)],
  d: ["value default_value? boolean?", (value, fallback, boolean) => byDefault(value!, fallback, boolean)],
  default: [
    "value default_value? boolean?",
    (value, fallback, boolean) => byDefault(value!, fallback, boolean),
  ],
  dictsort: ["value case_sensitive? by? reverse?", (value, ...rest) => dictSort(value!, ...rest)],
  first: ["seq", (value) => first(value!)],
  groupby: ["value attribute default? case_sensitive?", (value, ...rest) => groupBy(value!, ...rest)],
  items: ["value", (value) => new Generator(items(value!))],
  last: ["seq", (value) => last(value!)],
  length: ["obj /", (value) => length(value!)],
  list: ["value", (value) => toList(value!)],
  max: [
    "value case_sensitive? attribute?",
    (value, fold, attribute) => extreme(value!, ">", fold, attribute),
  ],
  min: [
    "value case_sensitive? attribute?",
    (value, fold, attribute) => extreme(value!, "<", fold, attribute),
  ],
  random: ["seq", (value) => random(value!)],
  reverse: ["value", (value) => reverse(value!)],
  slice: [
    "value slices fill_with?",
    (value, count, fill) => new Generator(slices(value!, index(count!), fill)),
  ],
  sort: ["value reverse? case_sensitive? attribute?", (value, ...rest) => sort(value!, ...rest)],
  tojson: ["x ensure_ascii? indent? separators? sort_keys?", (value, ...rest) => toJson(value!, rest)],
  unique: [
    "value case_sensitive? attribute?",
    (value, fold, attribute) => new Generator(unique(value!, fold, attribute)),
  ],
});

const byDefault = (value: Value, fallback: Value | undefined, boolean: Value | undefined): Value =>
  value instanceof Undefined || (truth(boolean ?? false) && !truth(value))
    ? fallback === undefined
      ? ""
      : fallback
    : value;

function* items(value: Value): Items {
  if (value instanceof Undefined) return;
  if (!(value instanceof Dict)) throw typeError("Can only get item pairs from a mapping.");
  for (const entry of value.entries()) yield new Tuple(entry);
}
