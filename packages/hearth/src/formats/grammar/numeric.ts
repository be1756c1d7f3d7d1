import type { JsonSchema } from "../../protocol/index.ts";
import { anyOf } from "./gbnf.ts";
import { integers, type NumberBounds, numbers } from "./numbers.ts";
import type { Rules } from "./types.ts";

/** Bounds beyond this are no bounds: digits are limited to 15 anyway. */
const FAR = 1e15;

const EXPONENT = "([eE] [-+]? [0-9]{1,2})?";

/** An integer or a number with its bounds. */
export function numberRule(
  rules: Rules,
  schema: JsonSchema,
  type: "integer" | "number",
  path: string,
): string {
  const step = schema["multipleOf"];
  const whole = type === "integer" || step === 1;
  if (typeof step === "number" && step !== 1)
    rules.note(path, "multipleOf", "wider", "Multiples are left to validation.");
  const bounds = boundsOf(schema);
  const free = bounds.min === undefined && bounds.max === undefined;
  if (!whole && free) {
    const body = '"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,12})?';
    return rules.g.rule("number", `${body} ${EXPONENT}`);
  }
  const alternatives = whole ? integers(...wholeBounds(bounds)) : numbers(bounds);
  if (alternatives.length === 0) rules.fail(path, "no number lies between its bounds");
  return rules.g.rule(type, anyOf(alternatives));
}

function boundsOf(schema: JsonSchema): NumberBounds {
  const out: NumberBounds = {};
  const number = (key: string): number | undefined => {
    const value = schema[key];
    return typeof value === "number" && Math.abs(value) < FAR ? value : undefined;
  };
  const min = number("minimum");
  const above = number("exclusiveMinimum");
  if (min !== undefined) out.min = min;
  if (schema["exclusiveMinimum"] === true) out.openMin = true;
  if (above !== undefined && (min === undefined || above >= min))
    Object.assign(out, { min: above, openMin: true });
  const max = number("maximum");
  const below = number("exclusiveMaximum");
  if (max !== undefined) out.max = max;
  if (schema["exclusiveMaximum"] === true) out.openMax = true;
  if (below !== undefined && (max === undefined || below <= max))
    Object.assign(out, { max: below, openMax: true });
  return out;
}

function wholeBounds(bounds: NumberBounds): [min: number | undefined, max: number | undefined] {
  const { min, max } = bounds;
  const low =
    min === undefined ? undefined : Math.ceil(min) + (bounds.openMin && Number.isInteger(min) ? 1 : 0);
  const high =
    max === undefined ? undefined : Math.floor(max) - (bounds.openMax && Number.isInteger(max) ? 1 : 0);
  return [low, high];
}
