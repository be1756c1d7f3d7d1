import { isLower, isUpper } from "../text/unicode.ts";
import { isCallable } from "../values/access.ts";
import { isFloat, isInt, numeric } from "../values/numbers.ts";
import { contains, equal, length, operate, ordered, truth, tryIterate } from "../values/operators.ts";
import { str } from "../values/repr.ts";
import { Callable, Dict, DictView, Markup, textOf, Undefined, type Value } from "../values/types.ts";
import { type Filter, table } from "./define.ts";
import { FILTER_NAMES } from "./names.ts";

const modulo = (value: Value | undefined, by: Value, rest: number): boolean =>
  equal(operate("%", value!, by), rest);

function isSequence(value: Value): boolean {
  if (value instanceof Callable || value instanceof DictView) return false;
  try {
    length(value);
    return true;
  } catch {
    return false;
  }
}

function same(a: Value, b: Value): boolean {
  if (a === b) return true;
  const plain = (value: Value): boolean => typeof value !== "object" || value === null;
  return !plain(a) && !plain(b) && numeric(a) !== undefined && isFloat(a) && isFloat(b) && equal(a, b);
}

const compared = (op: "<" | "<=" | ">" | ">="): readonly [string, (a?: Value, b?: Value) => Value] => [
  "a b /",
  (a, b) => ordered(op, a!, b!),
];
const EQUAL = ["a b /", (a?: Value, b?: Value): Value => equal(a!, b!)] as const;
const UNEQUAL = ["a b /", (a?: Value, b?: Value): Value => !equal(a!, b!)] as const;

export const tests: ReadonlyMap<string, Filter> = new Map<string, Filter>(
  table({
    odd: ["value", (value) => modulo(value, 2, 1)],
    even: ["value", (value) => modulo(value, 2, 0)],
    divisibleby: ["value num", (value, num) => modulo(value, num!, 0)],
    defined: ["value", (value) => !(value instanceof Undefined)],
    undefined: ["value", (value) => value instanceof Undefined],
    filter: ["value", (value) => FILTER_NAMES.has(textOf(value!) ?? "")],
    test: ["value", (value) => tests.has(textOf(value!) ?? "")],
    none: ["value", (value) => value === null],
    boolean: ["value", (value) => typeof value === "boolean"],
    false: ["value", (value) => value === false],
    true: ["value", (value) => value === true],
    integer: ["value", (value) => isInt(value!) && typeof value !== "boolean"],
    float: ["value", (value) => isFloat(value!)],
    lower: ["value", (value) => isLower(str(value!))],
    upper: ["value", (value) => isUpper(str(value!))],
    string: ["value", (value) => textOf(value!) !== undefined],
    mapping: ["value", (value) => value instanceof Dict],
    number: ["value", (value) => numeric(value!) !== undefined],
    sequence: ["value", (value) => isSequence(value!)],
    iterable: ["value", (value) => tryIterate(value!) !== undefined],
    callable: ["obj /", (value) => isCallable(value!) || value instanceof Undefined],
    sameas: ["value other", (value, other) => same(value!, other!)],
    escaped: ["value", (value) => value instanceof Markup],
    in: ["value seq", (value, seq) => contains(seq!, value!)],
    "==": EQUAL,
    eq: EQUAL,
    equalto: EQUAL,
    "!=": UNEQUAL,
    ne: UNEQUAL,
    ">": compared(">"),
    gt: compared(">"),
    greaterthan: compared(">"),
    ge: compared(">="),
    ">=": compared(">="),
    "<": compared("<"),
    lt: compared("<"),
    lessthan: compared("<"),
    "<=": compared("<="),
    le: compared("<="),
  }),
);

export const testPasses = (test: Filter, value: Value, args: readonly Value[]): boolean =>
  truth(test([value, ...args], new Map()));
