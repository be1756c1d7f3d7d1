import type { JsonSchema } from "../../protocol/index.ts";
import { coerceEnum, coerceType } from "./coerce.ts";
import { formatOf } from "./formats.ts";
import { brief, fits, isTypeName, sameJson, type TypeName } from "./json.ts";
import { matcherOf } from "./pattern.ts";
import { type At, attempt, type Check, type Compiler, pathOf, type RawFault, type Run } from "./run.ts";

/** `at: what was done`, as a repair is told. */
export function told(at: At | undefined, text: string): string {
  const path = pathOf(at);
  return path === "" ? text : `${path}: ${text}`;
}

/** Checks `type`, and reads a value of another type as this one where that is sure. */
export function typeCheck(schema: JsonSchema, compiler: Compiler): Check | undefined {
  if (schema["type"] === undefined) return undefined;
  const named = [schema["type"]].flat();
  const types = new Set<TypeName>(named.filter(isTypeName));
  if (types.size < named.length || types.size === 0) {
    compiler.problem(
      `type ${brief(schema["type"])} is none of string, number, integer, boolean, null, array, object`,
    );
    if (types.size === 0) return undefined;
  }
  // OpenAPI 3.0, still common in tools written by hand.
  if (schema["nullable"] === true) types.add("null");
  const list = [...types];
  const wrap =
    types.has("array") && schema["prefixItems"] === undefined ? itemCheck(schema, compiler) : undefined;
  return (value, at, run) => {
    for (const type of list) if (fits(value, type)) return value;
    if (run.coerce) {
      const read = coerceType(value, types);
      if (read) {
        run.repairs.push(told(at, read.repair));
        return read.value;
      }
      const wrapped = wrap && wrapSingle(wrap, value, at, run);
      if (wrapped) return wrapped;
    }
    run.faults.push({ at, kind: "type", value, schema });
    return value;
  };
}

function itemCheck(schema: JsonSchema, compiler: Compiler): Check {
  return Array.isArray(schema["items"]) ? (value) => value : compiler.compile(schema["items"] ?? true);
}

/** One value where a list is wanted. A text with a comma may be several, an empty one none: these are asked back. */
function wrapSingle(items: Check, value: unknown, at: At | undefined, run: Run): unknown[] | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "string" && (value.trim() === "" || /[,;\n]|^\s*[[{]/.test(value))) return undefined;
  const trial = attempt(items, value, { parent: at, key: 0 }, run, true);
  if (!trial.ok) return undefined;
  run.repairs.push(...trial.repairs, told(at, "single value put in a list"));
  return [trial.value];
}

/** Checks `enum` and `const`. */
export function valueCheck(schema: JsonSchema): Check | undefined {
  const allowed = "const" in schema ? [schema["const"]] : schema["enum"];
  if (!Array.isArray(allowed)) return undefined;
  const scalars = new Set<unknown>(allowed.filter((value) => typeof value !== "object" || value === null));
  const complex = allowed.filter((value) => typeof value === "object" && value !== null);
  const holds = (value: unknown): boolean =>
    scalars.has(value) || complex.some((candidate) => sameJson(candidate, value));
  const both =
    "const" in schema && Array.isArray(schema["enum"]) ? valueCheck({ enum: schema["enum"] }) : undefined;
  return (value, at, run) => {
    let current = value;
    if (!holds(current)) {
      const read = run.coerce ? coerceEnum(value, allowed) : undefined;
      if (!read) {
        run.faults.push({ at, kind: "value", value, schema });
        return value;
      }
      run.repairs.push(told(at, read.repair));
      current = structuredClone(read.value);
    }
    return both ? both(current, at, run) : current;
  };
}

type Rule = (value: unknown) => string | undefined;

/** Checks the limits of numbers and strings. */
export function scalarCheck(schema: JsonSchema, compiler: Compiler): Check | undefined {
  const rules: Rule[] = [...numberRules(schema), ...stringRules(schema, compiler)];
  if (rules.length === 0) return undefined;
  return (value, at, run) => {
    if (typeof value !== "number" && typeof value !== "string") return value;
    for (const rule of rules) {
      const expected = rule(value);
      if (expected === undefined) continue;
      const fault: RawFault = { at, kind: "value", value, schema };
      if (expected !== "") fault.expected = expected;
      run.faults.push(fault);
      return value;
    }
    return value;
  };
}

/** A rule for numbers: fails with the words of the whole schema. */
function numberRule(limit: unknown, holds: (value: number, limit: number) => boolean): Rule[] {
  if (typeof limit !== "number") return [];
  return [(value) => (typeof value !== "number" || holds(value, limit) ? undefined : "")];
}

function numberRules(schema: JsonSchema): Rule[] {
  return [
    ...numberRule(schema["minimum"], (value, limit) => value >= limit),
    ...numberRule(schema["maximum"], (value, limit) => value <= limit),
    ...numberRule(schema["exclusiveMinimum"], (value, limit) => value > limit),
    ...numberRule(schema["exclusiveMaximum"], (value, limit) => value < limit),
    ...numberRule(schema["multipleOf"], isMultiple),
  ];
}

/** 0.3 is a multiple of 0.1, although binary fractions say otherwise: the quotient may miss a whole number by rounding. */
function isMultiple(value: number, step: number): boolean {
  if (step <= 0) return true;
  const quotient = value / step;
  return Math.abs(quotient - Math.round(quotient)) <= Math.abs(quotient) * Number.EPSILON * 2;
}

function stringRules(schema: JsonSchema, compiler: Compiler): Rule[] {
  const rules: Rule[] = [];
  const { minLength, maxLength, pattern, format } = schema;
  if (typeof minLength === "number") {
    rules.push((value) =>
      typeof value !== "string" || length(value, minLength) >= minLength ? undefined : "",
    );
  }
  if (typeof maxLength === "number") {
    rules.push((value) =>
      typeof value !== "string" || length(value, maxLength) <= maxLength ? undefined : "",
    );
  }
  if (typeof pattern === "string") {
    const matcher = matcherOf(pattern);
    if (!matcher) compiler.problem(`the pattern ${brief(pattern)} can't be read`);
    else {
      rules.push((value) => {
        const matches = typeof value === "string" ? matcher(value) : true;
        if (matches === undefined)
          return `a shorter string, for the pattern ${brief(pattern)} takes too long on this`;
        return matches ? undefined : "";
      });
    }
  }
  const known = formatOf(format);
  if (known) rules.push((value) => (typeof value !== "string" || known.test(value) ? undefined : ""));
  return rules;
}

/** Length in Unicode code points, as JSON Schema counts; counted only where the limit leaves a doubt. */
function length(text: string, limit: number): number {
  if (text.length < limit || text.length > limit * 2) return text.length;
  let points = 0;
  for (const _ of text) points++;
  return points;
}
