import { TemplateError, typeError, valueError } from "../errors.ts";
import { checkChars } from "../limits.ts";
import {
  double,
  exponentSuffix,
  fixed,
  floatRepr,
  isFloat,
  isInt,
  numeric,
  scientific,
} from "../values/numbers.ts";
import { str, typeName } from "../values/repr.ts";
import { textOf, type Value } from "../values/types.ts";
import { pointLength, points } from "./unicode.ts";

interface Spec {
  fill: string;
  align: string;
  sign: string;
  zeroNegative: boolean;
  alternate: boolean;
  zero: boolean;
  width: number;
  grouping: string;
  precision: number | undefined;
  type: string;
}

const SPEC = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/su;

function parseSpec(text: string): Spec {
  const match = SPEC.exec(text);
  if (match === null) throw valueError(`Invalid format specifier '${text}'`);
  const [, fill, align, sign, z, alternate, zero, width, grouping, precision, type] = match;
  const spec: Spec = {
    fill: fill ?? (zero !== undefined ? "0" : " "),
    align: align ?? "",
    sign: sign ?? "",
    zeroNegative: z !== undefined,
    alternate: alternate !== undefined,
    zero: zero !== undefined,
    width: Number(width ?? 0),
    grouping: grouping ?? "",
    precision: precision === undefined ? undefined : Number(precision),
    type: type ?? "",
  };
  checkChars(spec.width);
  if ((spec.precision ?? 0) > MAX_PRECISION) throw new TemplateError("limit", "precision too big");
  return spec;
}

/** Digits of an exact expansion of a double never pass 1,100; more are zeros nobody asks for. */
export const MAX_PRECISION = 10_000;

/** `format(value, spec)`: Python's format specification mini-language. */
export function formatValue(value: Value, specText: string): string {
  if (specText === "") return str(value);
  const text = textOf(value);
  if (text !== undefined) return formatText(text, parseSpec(specText));
  const number = numeric(value);
  if (number === undefined)
    throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
  const spec = parseSpec(specText);
  if (isFloat(value) || "eEfFgG%".includes(spec.type || "-")) return formatFloat(double(number), spec);
  if (isInt(value)) return formatInt(BigInt(value), spec, typeof value === "boolean" && spec.type === "");
  throw typeError("not a number");
}

function formatText(text: string, spec: Spec): string {
  if (spec.type !== "" && spec.type !== "s")
    throw valueError(`Unknown format code '${spec.type}' for object of type 'str'`);
  if (spec.sign !== "" || spec.alternate || spec.grouping !== "" || spec.align === "=")
    throw valueError("Format specifier not allowed for strings");
  const cut = spec.precision === undefined ? text : points(text).slice(0, spec.precision).join("");
  return pad(cut, spec, "<");
}

function pad(text: string, spec: Spec, defaultAlign: string): string {
  const missing = spec.width - pointLength(text);
  if (missing <= 0) return text;
  const align = spec.align || defaultAlign;
  const left = align === "<" ? 0 : align === "^" ? Math.floor(missing / 2) : missing;
  return spec.fill.repeat(left) + text + spec.fill.repeat(missing - left);
}

/** Sign, prefix and digits put together; `=` (and a leading 0) pads between sign and digits. */
function padNumber(sign: string, digits: string, tail: string, spec: Spec): string {
  const align = spec.align || (spec.zero ? "=" : ">");
  const size = spec.type === "x" || spec.type === "X" || spec.type === "b" || spec.type === "o" ? 4 : 3;
  let body = group(digits, spec.grouping, size);
  if (align === "=") {
    const room = spec.width - sign.length - tail.length;
    if (spec.grouping !== "" && spec.fill === "0") {
      let padded = digits;
      while (group(padded, spec.grouping, size).length < room) padded = `0${padded}`;
      body = group(padded, spec.grouping, size);
    } else body = spec.fill.repeat(Math.max(0, room - body.length)) + body;
    return sign + body + tail;
  }
  return pad(sign + body + tail, spec, ">");
}

function group(digits: string, separator: string, size: number): string {
  if (separator === "") return digits;
  let out = "";
  for (let i = 0; i < digits.length; i++) {
    if (i > 0 && (digits.length - i) % size === 0) out += separator;
    out += digits[i];
  }
  return out;
}

const signOf = (negative: boolean, spec: Spec): string =>
  negative ? "-" : spec.sign === "+" || spec.sign === " " ? spec.sign : "";

function formatInt(value: bigint, spec: Spec, plainBool: boolean): string {
  if (spec.precision !== undefined) throw valueError("Precision not allowed in integer format specifier");
  if (plainBool && spec.grouping === "" && spec.sign === "" && !spec.alternate && !spec.zero)
    return padNumber("", String(value), "", spec);
  const type = spec.type || "d";
  if (type === "c") return pad(String.fromCodePoint(Number(value)), spec, "<");
  const base = { d: 10, n: 10, b: 2, o: 8, x: 16, X: 16 }[type];
  if (base === undefined) throw valueError(`Unknown format code '${spec.type}' for object of type 'int'`);
  const magnitude = (value < 0n ? -value : value).toString(base);
  const prefix = spec.alternate && base !== 10 ? `0${type}` : "";
  const sign = signOf(value < 0n, spec) + prefix;
  return padNumber(sign, type === "X" ? magnitude.toUpperCase() : magnitude, "", spec);
}

function formatFloat(value: number, spec: Spec): string {
  const type = spec.type;
  const sign = signOf(value < 0 || Object.is(value, -0), spec);
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? "nan" : "inf";
    const shown =
      (type !== "" && type === type.toUpperCase() && type !== "%" ? name.toUpperCase() : name) +
      (type === "%" ? "%" : "");
    return padNumber(Number.isNaN(value) ? signOf(false, spec) : sign, shown, "", { ...spec, grouping: "" });
  }
  const [whole, rest] = floatParts(value, spec);
  return padNumber(sign, whole, rest, spec);
}

/** Digits before the point, and all that follows, without sign. */
function floatParts(value: number, spec: Spec): [string, string] {
  const type = spec.type;
  const n = Math.abs(value);
  if (type === "f" || type === "F" || type === "%") {
    const precision = spec.precision ?? 6;
    const text = fixed(type === "%" ? n * 100 : n, precision);
    const [whole = "", rest] = text.split(".");
    const point = rest === undefined ? (spec.alternate ? "." : "") : `.${rest}`;
    return [whole, point + (type === "%" ? "%" : "")];
  }
  if (type === "e" || type === "E") {
    const [digits, exponent] = scientific(n, spec.precision ?? 6);
    const point = digits.length > 1 ? `.${digits.slice(1)}` : spec.alternate ? "." : "";
    return [digits[0]!, `${point}${type}${exponentSuffix(exponent)}`];
  }
  if (type === "" && spec.precision === undefined) {
    const text = floatRepr(n);
    const at = text.search(/[.e]/);
    return [text.slice(0, at), text.slice(at)];
  }
  if (type === "" || type === "g" || type === "G" || type === "n") return general(n, spec);
  throw valueError(`Unknown format code '${type}' for object of type 'float'`);
}

/** `g`: the shorter of fixed and scientific; without a type, at least one digit after the point. */
function general(n: number, spec: Spec): [string, string] {
  const precision = Math.max(1, spec.precision ?? 6);
  const [digits, exponent] = scientific(n, precision - 1);
  const bare = spec.type === "";
  const e = spec.type === "G" ? "E" : "e";
  const trimmed = (text: string): string => (spec.alternate ? text : text.replace(/0+$/, ""));
  if (exponent < -4 || exponent >= (bare ? precision - 1 : precision)) {
    const tail = trimmed(digits.slice(1));
    return [digits[0]!, `${tail === "" ? "" : `.${tail}`}${e}${exponentSuffix(exponent)}`];
  }
  const all = exponent < 0 ? "0".repeat(-exponent) + digits : digits;
  const wholeLength = Math.max(1, exponent + 1);
  const tail = trimmed(all.slice(wholeLength));
  if (tail === "" && bare) return [all.slice(0, wholeLength), ".0"];
  return [all.slice(0, wholeLength), tail === "" ? (spec.alternate ? "." : "") : `.${tail}`];
}
