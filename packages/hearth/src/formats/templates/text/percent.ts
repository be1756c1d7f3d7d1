import { TemplateError, typeError, valueError } from "../errors.ts";
import { checkChars, spend } from "../limits.ts";
import { double, exponentSuffix, fixed, isFloat, isInt, numeric, scientific } from "../values/numbers.ts";
import { defined } from "../values/operators.ts";
import { repr, str, typeName } from "../values/repr.ts";
import { Dict, float, Tuple, textOf, Undefined, type Value } from "../values/types.ts";
import { formatValue, MAX_PRECISION } from "./format-spec.ts";
import { points } from "./unicode.ts";

const DIRECTIVE = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?([\s\S])?/gu;

/** `text % values`: printf-style formatting. */
export function percent(text: string, values: Value): string {
  const supply = new Supply(values);
  let out = "";
  let from = 0;
  for (const match of text.matchAll(DIRECTIVE)) {
    spend(1);
    const [whole, key, flags = "", widthText, precisionText, type] = match;
    out += text.slice(from, match.index);
    from = match.index + whole.length;
    if (type === undefined) throw valueError("incomplete format");
    if (type === "%") {
      out += "%";
      continue;
    }
    let width = widthText === "*" ? Number(supply.next()) : Number(widthText ?? 0);
    let precision: number | undefined;
    if (precisionText !== undefined)
      precision = precisionText === "*" ? Number(supply.next()) : Number(precisionText);
    let left = flags.includes("-");
    if (width < 0) {
      left = true;
      width = -width;
    }
    checkChars(width);
    if ((precision ?? 0) > MAX_PRECISION) throw new TemplateError("limit", "precision too big");
    const value = key === undefined ? supply.next() : supply.named(key);
    const [sign, body, isNumber] = directive(type, value, flags, precision);
    const missing = Math.max(0, width - sign.length - Array.from(body).length);
    if (left) out += sign + body + " ".repeat(missing);
    else if (flags.includes("0") && isNumber) out += sign + "0".repeat(missing) + body;
    else out += " ".repeat(missing) + sign + body;
    checkChars(out.length);
  }
  supply.finish();
  return out + text.slice(from);
}

class Supply {
  readonly #values: Value;
  readonly #items: readonly Value[];
  #at = 0;
  #named = false;
  constructor(values: Value) {
    this.#values = values;
    this.#items = values instanceof Tuple ? values.items : [values];
  }
  next(): Value {
    const item = this.#items[this.#at++];
    if (item === undefined) throw typeError("not enough arguments for format string");
    return item;
  }
  named(key: string): Value {
    this.#named = true;
    defined(this.#values);
    if (!(this.#values instanceof Dict)) throw typeError("format requires a mapping");
    const value = this.#values.get(key);
    if (value === undefined) throw new TemplateError("lookup", repr(key));
    return value;
  }
  finish(): void {
    // A single mapping or list that no directive took is let pass, as Python does.
    const values = this.#values;
    const loose = values instanceof Dict || values instanceof Undefined || Array.isArray(values);
    if (this.#at < this.#items.length && !this.#named && !loose)
      throw typeError("not all arguments converted during string formatting");
  }
}

function directive(
  type: string,
  value: Value,
  flags: string,
  precision: number | undefined,
): [string, string, boolean] {
  if (type === "s" || type === "r" || type === "a") {
    const text = type === "s" ? str(value) : repr(value);
    const shown = type === "a" ? text.replace(/[^\x00-\x7f]/gu, escapePoint) : text;
    return ["", precision === undefined ? shown : points(shown).slice(0, precision).join(""), false];
  }
  if (type === "c") {
    const text = textOf(value);
    if (text !== undefined && Array.from(text).length === 1) return ["", text, false];
    if (isInt(value)) return ["", String.fromCodePoint(Number(value)), false];
    throw typeError("%c requires int or char");
  }
  const number = numeric(defined(value));
  if (number === undefined) throw typeError(`%${type} format: a number is required, not ${typeName(value)}`);
  if ("diuoxX".includes(type)) {
    const whole = isFloat(value) && "diu".includes(type) ? truncated(double(number)) : undefined;
    if (whole === undefined && !isInt(value))
      throw typeError(`%${type} format: an integer is required, not ${typeName(value)}`);
    const n = whole ?? (isInt(value) ? BigInt(value) : 0n);
    return integer(type, n, flags, precision);
  }
  if (!"eEfFgG".includes(type)) throw valueError(`unsupported format character '${type}'`);
  const n = double(number);
  const sign = signOf(n < 0 || Object.is(n, -0), flags);
  if (!Number.isFinite(n)) {
    const name = Number.isNaN(n) ? "nan" : "inf";
    return [sign, type === type.toUpperCase() ? name.toUpperCase() : name, true];
  }
  return [sign, floating(type, Math.abs(n), flags, precision ?? 6), true];
}

function truncated(n: number): bigint {
  if (Number.isNaN(n)) throw valueError("cannot convert float NaN to integer");
  if (!Number.isFinite(n)) throw new TemplateError("overflow", "cannot convert float infinity to integer");
  return BigInt(Math.trunc(n));
}

const signOf = (negative: boolean, flags: string): string =>
  negative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";

function integer(
  type: string,
  n: bigint,
  flags: string,
  precision: number | undefined,
): [string, string, boolean] {
  const base = type === "o" ? 8 : type === "x" || type === "X" ? 16 : 10;
  let digits = (n < 0n ? -n : n).toString(base).padStart(precision ?? 0, "0");
  if (type === "X") digits = digits.toUpperCase();
  const prefix = flags.includes("#") && base !== 10 ? `0${type}` : "";
  return [signOf(n < 0n, flags) + prefix, digits, true];
}

function floating(type: string, n: number, flags: string, precision: number): string {
  const kind = type.toLowerCase();
  if (kind === "f") return fixed(n, precision) + (flags.includes("#") && precision === 0 ? "." : "");
  if (kind === "g") return formatValue(float(n), `${flags.includes("#") ? "#" : ""}.${precision}${type}`);
  const [digits, exponent] = scientific(n, precision);
  return `${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ""}${type}${exponentSuffix(exponent)}`;
}

function escapePoint(char: string): string {
  const code = char.codePointAt(0)!;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000
    ? `\\u${code.toString(16).padStart(4, "0")}`
    : `\\U${code.toString(16).padStart(8, "0")}`;
}
