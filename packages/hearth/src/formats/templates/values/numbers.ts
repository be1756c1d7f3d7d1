import { TemplateError, typeError } from "../errors.ts";
import { checkChars } from "../limits.ts";
import { Float, float, type Value } from "./types.ts";

/** An int or float, with booleans already turned into 0 and 1. */
export type Numeric = number | bigint | Float;

export function numeric(value: Value): Numeric | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return value instanceof Float ? value : undefined;
}

export const isFloat = (value: Value): boolean =>
  value instanceof Float || (typeof value === "number" && !Number.isSafeInteger(value));

/** An int, booleans included. */
export const isInt = (value: Value): value is number | bigint | boolean =>
  typeof value === "bigint" || typeof value === "boolean" || Number.isSafeInteger(value);

export const int = (n: bigint): Value => {
  const small = Number(n);
  return Number.isSafeInteger(small) ? small : n;
};

export function double(value: Numeric): number {
  if (typeof value === "number") return value;
  if (value instanceof Float) return value.n;
  const n = Number(value);
  if (!Number.isFinite(n)) throw new TemplateError("overflow", "int too large to convert to float");
  return n;
}

const big = (value: Numeric): bigint => BigInt(value instanceof Float ? value.n : value);

/** An int that must be small enough to index or repeat with. */
export function index(value: Value, what = "index"): number {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  if (typeof value === "bigint") return value > 0n ? Number.MAX_SAFE_INTEGER : -Number.MAX_SAFE_INTEGER;
  throw typeError(`${what} must be an integer`);
}

const zero = (): TemplateError => new TemplateError("arithmetic", "division by zero");

export function arithmetic(op: "+" | "-" | "*" | "/" | "//" | "%" | "**", a: Numeric, b: Numeric): Value {
  if (isFloat(a) || isFloat(b) || op === "/") return floating(op, double(a), double(b));
  if (op === "+" || op === "-" || op === "*") {
    if (typeof a === "number" && typeof b === "number") {
      const small = op === "+" ? a + b : op === "-" ? a - b : a * b;
      if (Number.isSafeInteger(small)) return small === 0 ? 0 : small;
    }
    const x = big(a);
    const y = big(b);
    return bounded(op === "+" ? x + y : op === "-" ? x - y : x * y);
  }
  if (op === "**") return power(a, b);
  const x = big(a);
  const y = big(b);
  if (y === 0n) throw zero();
  const rest = ((x % y) + y) % y;
  return int(op === "%" ? rest : (x - rest) / y);
}

function floating(op: string, x: number, y: number): Value {
  if (op === "+") return float(x + y);
  if (op === "-") return float(x - y);
  if (op === "*") return float(x * y);
  if (op === "**") {
    if (x === 0 && y < 0) throw new TemplateError("arithmetic", "0.0 cannot be raised to a negative power");
    if (x < 0 && Number.isFinite(x) && !Number.isInteger(y) && Number.isFinite(y))
      throw typeError("complex numbers are not supported");
    const result = x ** y;
    if (!Number.isFinite(result) && Number.isFinite(x) && Number.isFinite(y))
      throw new TemplateError("overflow", "Numerical result out of range");
    return float(result);
  }
  if (y === 0) throw zero();
  if (op === "/") return float(x / y);
  // Python's divmod of floats: the remainder has the sign of the divisor.
  let rest = x % y;
  if (rest !== 0 && rest < 0 !== y < 0) rest += y;
  if (rest === 0) rest = y < 0 ? -0 : 0;
  if (op === "%") return float(rest);
  const quotient = (x - rest) / y;
  let floor = Math.floor(quotient);
  if (quotient - floor > 0.5) floor += 1;
  return float(floor);
}

function power(a: number | bigint | Float, b: number | bigint | Float): Value {
  const base = big(a);
  const exponent = big(b);
  if (exponent < 0n) {
    if (base === 0n) throw new TemplateError("arithmetic", "0.0 cannot be raised to a negative power");
    return float(double(a) ** double(b));
  }
  const bits = base.toString(2).length * Number(exponent);
  if (bits > MAX_BITS && base !== 0n && base !== 1n && base !== -1n) throw tooLarge();
  return int(base ** exponent);
}

/** 20,000 decimal digits: far past any honest use, and quick to print. */
const MAX_BITS = 65_536;
const tooLarge = (): TemplateError =>
  new TemplateError("limit", "the template makes an int of more than 65536 bits");

function bounded(n: bigint): Value {
  if (n > 1n << BigInt(MAX_BITS) || n < -(1n << BigInt(MAX_BITS))) throw tooLarge();
  return int(n);
}

export function negate(value: Numeric): Value {
  if (isFloat(value)) return float(-double(value));
  return value === 0 ? 0 : int(-big(value));
}

/** `repr` of a float: the shortest digits that read back the same, exponents from 1e16 and below 1e-4. */
export function floatRepr(n: number): string {
  if (Number.isNaN(n)) return "nan";
  if (!Number.isFinite(n)) return n > 0 ? "inf" : "-inf";
  if (n === 0) return Object.is(n, -0) ? "-0.0" : "0.0";
  const [mantissa = "", exponentText = "0"] = Math.abs(n).toExponential().split("e");
  const exponent = Number(exponentText);
  const digits = mantissa.replace(".", "");
  const sign = n < 0 ? "-" : "";
  if (exponent >= 16 || exponent < -4) {
    const tail = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${sign}${digits[0]}${tail}e${exponentSuffix(exponent)}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

export const exponentSuffix = (exponent: number): string =>
  (exponent < 0 ? "-" : "+") + String(Math.abs(exponent)).padStart(2, "0");

/** The double as an exact fraction. */
function fraction(n: number): [numerator: bigint, denominator: bigint] {
  let exponent = 0;
  let mantissa = Math.abs(n);
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent++;
  }
  return [BigInt(mantissa), 1n << BigInt(exponent)];
}

/** Rounds half to even, exactly, as Python does: `n * 10^digits` as an integer. */
export function scaledRound(n: number, digits: number): bigint {
  let [numerator, denominator] = fraction(n);
  if (digits >= 0) numerator *= 10n ** BigInt(digits);
  else denominator *= 10n ** BigInt(-digits);
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  if (twice > denominator || (twice === denominator && quotient % 2n === 1n)) return quotient + 1n;
  return quotient;
}

/** `|n|` with a fixed number of digits after the point. */
export function fixed(n: number, digits: number): string {
  checkChars(digits);
  const text = scaledRound(n, digits)
    .toString()
    .padStart(digits + 1, "0");
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** `|n|` in scientific notation: its digits (one more than `precision`) and its exponent. */
export function scientific(n: number, precision: number): [digits: string, exponent: number] {
  checkChars(precision);
  if (n === 0) return ["0".repeat(precision + 1), 0];
  let exponent = Number(Math.abs(n).toExponential().split("e")[1]);
  let digits = scaledRound(n, precision - exponent).toString();
  if (digits.length > precision + 1) {
    exponent++;
    digits = digits.slice(0, -1);
  }
  return [digits, exponent];
}

/** `round(n, digits)` of a float. */
export function roundFloat(n: number, digits: number): number {
  if (!Number.isFinite(n) || digits > 323) return n;
  if (digits < -309) return 0;
  const scaled = scaledRound(n, digits);
  const text = digits >= 0 ? `${scaled}e-${digits}` : `${scaled}e${-digits}`;
  const rounded = Number(text);
  return n < 0 ? -rounded : rounded;
}
