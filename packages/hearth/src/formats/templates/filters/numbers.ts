import { TemplateError, typeError } from "../errors.ts";
import {
  arithmetic,
  double,
  fixed,
  floatRepr,
  index,
  int,
  isFloat,
  isInt,
  negate,
  numeric,
  roundFloat,
} from "../values/numbers.ts";
import { defined, iterate, operate, truth } from "../values/operators.ts";
import { typeName } from "../values/repr.ts";
import { float, textOf, type Value } from "../values/types.ts";
import { argumentError, attributeGetter, type Filter, given, table } from "./define.ts";

const WHOLE: Readonly<Record<number, RegExp>> = {
  2: /^[+-]?(?:0[bB]_?)?[01](?:_?[01])*$/,
  8: /^[+-]?(?:0[oO]_?)?[0-7](?:_?[0-7])*$/,
  10: /^[+-]?\d(?:_?\d)*$/,
  16: /^[+-]?(?:0[xX]_?)?[\da-fA-F](?:_?[\da-fA-F])*$/,
};

/** `int(text, base)`; undefined where it is none. */
function parseInt_(source: string, base: number): Value | undefined {
  const text = source.trim();
  if (base === 0)
    return /^[+-]?0[bB]/.test(text)
      ? parseInt_(text, 2)
      : /^[+-]?0[oO]/.test(text)
        ? parseInt_(text, 8)
        : parseInt_(text, /^[+-]?0[xX]/.test(text) ? 16 : 10);
  if (base < 2 || base > 36) return undefined;
  const pattern = WHOLE[base];
  if (pattern !== undefined) {
    if (!pattern.test(text)) return undefined;
  } else if (!/^[+-]?[\da-zA-Z](?:_?[\da-zA-Z])*$/.test(text)) return undefined;
  const digits = text
    .replace(/^[+-]/, "")
    .replaceAll("_", "")
    .replace(/^0[bBoOxX]/, (prefix) => (base === 2 || base === 8 || base === 16 ? "" : prefix));
  let value = 0n;
  for (const char of digits) {
    const digit = Number.parseInt(char, 36);
    if (Number.isNaN(digit) || digit >= base) return undefined;
    value = value * BigInt(base) + BigInt(digit);
  }
  return int(text.startsWith("-") ? -value : value);
}

/** `float(text)`; undefined where it is none. */
function parseFloat_(source: string): number | undefined {
  const text = source.trim().replace(/(?<=\d)_(?=\d)/g, "");
  const special = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(text);
  if (special !== null) {
    if (special[2]!.toLowerCase() === "nan") return Number.NaN;
    return special[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

function truncated(n: number): Value | undefined {
  return Number.isFinite(n) ? int(BigInt(Math.trunc(n))) : undefined;
}

function toInt(value: Value, fallback: Value, base: number): Value {
  const text = textOf(value);
  if (text !== undefined) {
    const whole = text.length > 20_000 ? undefined : parseInt_(text, base);
    if (whole !== undefined) return whole;
    const n = parseFloat_(text);
    return (n === undefined ? undefined : truncated(n)) ?? fallback;
  }
  const number = numeric(defined(value));
  if (number === undefined) return fallback;
  if (isInt(value)) return number;
  const n = double(number);
  if (!Number.isFinite(n) && !Number.isNaN(n))
    throw new TemplateError("overflow", "cannot convert float infinity to integer");
  return truncated(n) ?? fallback;
}

function toFloat(value: Value, fallback: Value): Value {
  const text = textOf(value);
  if (text !== undefined) {
    const n = parseFloat_(text);
    return n === undefined ? fallback : float(n);
  }
  const number = numeric(defined(value));
  return number === undefined ? fallback : float(double(number));
}

function round(value: Value, precision: Value | undefined, method: Value | undefined): Value {
  const how = method === undefined ? "common" : textOf(method);
  if (how !== "common" && how !== "ceil" && how !== "floor")
    throw argumentError("method must be common, ceil or floor");
  const number = numeric(defined(value));
  if (number === undefined) throw typeError(`type ${typeName(value)} doesn't define __round__ method`);
  if (how === "common" && precision === null) {
    if (isInt(value)) return number;
    return int(BigInt(roundFloat(double(number), 0)));
  }
  const digits = precision === undefined ? 0 : index(precision ?? 0);
  if (how === "common") {
    if (isFloat(value)) return float(roundFloat(double(number), digits));
    if (digits >= 0) return number;
    return roundInt(BigInt(number as number | bigint), -digits);
  }
  const scale = arithmetic("**", 10, digits);
  const scaled = double(numeric(operate("*", value, scale))!);
  const whole = int(BigInt(how === "ceil" ? Math.ceil(scaled) : Math.floor(scaled)));
  return operate("/", whole, scale);
}

/** `round(n, -digits)` of an int: half to even. */
function roundInt(n: bigint, digits: number): Value {
  if (digits > 20_000) return 0;
  const unit = 10n ** BigInt(digits);
  const floor = n >= 0n || n % unit === 0n ? n / unit : n / unit - 1n;
  const twice = (n - floor * unit) * 2n;
  const up = twice > unit || (twice === unit && floor % 2n !== 0n);
  return int((up ? floor + 1n : floor) * unit);
}

function fileSize(value: Value, binary: boolean): string {
  const number = numeric(toFloat(value, null));
  if (number === undefined) throw typeError("a file size must be a number");
  const bytes = double(number);
  const base = binary ? 1024 : 1000;
  const units = ["k", "M", "G", "T", "P", "E", "Z", "Y"].map((letter) =>
    binary ? `${letter.toUpperCase()}iB` : `${letter}B`,
  );
  if (bytes === 1) return "1 Byte";
  if (bytes < base) return `${truncated(bytes) ?? 0} Bytes`;
  let at = 0;
  while (at < units.length - 1 && bytes >= base ** (at + 2)) at++;
  const shown = (base * bytes) / base ** (at + 2);
  return `${Number.isFinite(shown) ? fixed(shown, 1) : floatRepr(shown)} ${units[at]}`;
}

function absolute(value: Value): Value {
  const number = numeric(defined(value));
  if (number === undefined) throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
  const negative = isFloat(value)
    ? double(number) < 0 || Object.is(double(number), -0)
    : BigInt(number as number | bigint) < 0n;
  return negative ? negate(number) : number;
}

export const NUMBER_FILTERS: [string, Filter][] = table({
  abs: ["x /", (value) => absolute(value!)],
  filesizeformat: ["value binary?", (value, binary) => fileSize(value!, truth(binary ?? false))],
  float: [
    "value default?",
    (value, fallback) => toFloat(value!, fallback === undefined ? float(0) : fallback),
  ],
  int: [
    "value default? base?",
    (value, fallback, base) =>
      toInt(value!, fallback === undefined ? 0 : fallback, base === undefined ? 10 : index(base)),
  ],
  round: ["value precision? method?", (value, precision, method) => round(value!, precision, method)],
  sum: [
    "iterable attribute? start?",
    (value, attribute, start) => {
      const get = given(attribute) ? attributeGetter(attribute) : undefined;
      let total: Value = start === undefined ? 0 : start;
      if (textOf(total) !== undefined) throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
      for (const item of iterate(value!)) total = operate("+", total, get === undefined ? item : get(item));
      return total;
    },
  ],
});
