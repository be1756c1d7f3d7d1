import { anyOf, repeat } from "./gbnf.ts";

const digits = (count: number): string => repeat("[0-9]", count, count);

/** Whole numbers from `low` to `high`, both of the same number of digits. */
function sameLength(low: string, high: string): string[] {
  if (low === "") return ['""'];
  if (low === high) return [`"${low}"`];
  if (/^0*$/.test(low) && /^9*$/.test(high)) return [digits(low.length)];
  const first = low[0] ?? "0";
  const last = high[0] ?? "9";
  const rest = low.length - 1;
  if (first === last) return sameLength(low.slice(1), high.slice(1)).map((tail) => join(`"${first}"`, tail));
  const out: string[] = [];
  let from = Number(first);
  let to = Number(last);
  if (!/^0*$/.test(low.slice(1))) {
    out.push(...sameLength(low.slice(1), "9".repeat(rest)).map((tail) => join(`"${first}"`, tail)));
    from += 1;
  }
  const upper = /^9*$/.test(high.slice(1))
    ? []
    : sameLength("0".repeat(rest), high.slice(1)).map((tail) => join(`"${last}"`, tail));
  if (upper.length > 0) to -= 1;
  if (from <= to)
    out.push(join(from === to ? `"${from}"` : `[${from}-${to}]`, rest > 0 ? digits(rest) : '""'));
  return [...out, ...upper];
}

const join = (head: string, tail: string): string => (tail === '""' ? head : `${head} ${tail}`);

/** Digits of a whole number that has no bound: what a double still holds exactly. */
const MAX_DIGITS = 15;

function natural(low: number, high: number | undefined): string[] {
  const out: string[] = [];
  const lowText = String(low);
  const length = high === undefined ? MAX_DIGITS : String(high).length;
  for (let n = lowText.length; n <= length; n++) {
    const from = n === lowText.length ? lowText : `1${"0".repeat(n - 1)}`;
    const to = high !== undefined && n === length ? String(high) : "9".repeat(n);
    if (high === undefined && n > lowText.length) {
      out.push(`[1-9] ${repeat("[0-9]", n - 1, MAX_DIGITS - 1)}`);
      break;
    }
    if (Number(from) <= Number(to)) out.push(...sameLength(from, to));
  }
  return out;
}

/** Whole numbers from `min` to `max` as alternatives; empty where there is none. Both bounds within ±10^15. */
export function integers(min?: number, max?: number): string[] {
  if (min !== undefined && max !== undefined && min > max) return [];
  const out: string[] = [];
  if (max === undefined || max >= 0) out.push(...natural(Math.max(0, min ?? 0), max));
  if (min === undefined || min < 0) {
    const low = max === undefined ? 1 : Math.max(1, -max);
    const parts = natural(low, min === undefined ? undefined : -min);
    if (min === undefined || low <= -min) out.push(`"-" ${anyOf(parts)}`);
  }
  return out;
}

export interface NumberBounds {
  min?: number;
  max?: number;
  /** The bound itself is not allowed. */
  openMin?: boolean;
  openMax?: boolean;
}

const FRACTION = '("." [0-9]{1,12})?';
const MORE = '"." [0-9]{0,11} [1-9]';

/** Decimal numbers ≥ 0 between whole bounds, without a sign. */
function decimals(low: number, high: number | undefined, openLow: boolean, openHigh: boolean): string[] {
  const out: string[] = [];
  if (high !== undefined && low > high) return out;
  if (high === low) return openLow || openHigh ? [] : [`"${low}"`];
  const from = openLow ? low + 1 : low;
  if (openLow) out.push(`"${low}" ${MORE}`);
  const body = integers(from, high === undefined ? undefined : high - 1);
  if (body.length > 0) out.push(`${anyOf(body)} ${FRACTION}`);
  if (high !== undefined && !openHigh) out.push(`"${high}"`);
  return out;
}

/**
 * Numbers within bounds as alternatives, without exponents. Bounds that are no whole numbers are tightened to the next
 * whole one inside: narrower than asked, never wrong. Empty where nothing is left.
 */
export function numbers(bounds: NumberBounds): string[] {
  const min = bounds.min === undefined ? undefined : Math.ceil(bounds.min);
  const max = bounds.max === undefined ? undefined : Math.floor(bounds.max);
  const openMin = (bounds.openMin ?? false) && min === bounds.min;
  const openMax = (bounds.openMax ?? false) && max === bounds.max;
  if (min !== undefined && max !== undefined && min > max) return [];
  const out: string[] = [];
  if (max === undefined || max >= 0) {
    const low = Math.max(0, min ?? 0);
    out.push(...decimals(low, max, openMin && low === min, openMax));
  }
  if (min === undefined || min < 0) {
    const low = max === undefined ? 0 : Math.max(0, -max);
    const zeroOpen = low === 0 || (openMax && low === -(max ?? 0));
    const parts = decimals(low, min === undefined ? undefined : -min, zeroOpen, openMin);
    if (parts.length > 0) out.push(`"-" ${anyOf(parts)}`);
  }
  return out;
}
