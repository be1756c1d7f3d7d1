import type { JsonSchema } from "../../protocol/index.ts";
import { extentOf, extentRole } from "./lines.ts";
import type { Sources } from "./sources.ts";
import { numbersIn } from "./spans.ts";

/**
 * Numbers that a numeric argument may be: those said in the request, then those of earlier results. Which line, or how many, where the
 * parameter has a default: only what is said as such, and for anyone else's number the default stands.
 */
export function numberCandidates(name: string, schema: JsonSchema, sources: Sources): number[] {
  const said = extentOfParameter(name, schema, sources) ?? [
    ...numbersIn(sources.request),
    ...sources.results.slice(0, 2).flatMap(numbersIn).slice(0, 40),
  ];
  const min = typeof schema["minimum"] === "number" ? schema["minimum"] : Number.NEGATIVE_INFINITY;
  const max = typeof schema["maximum"] === "number" ? schema["maximum"] : Number.POSITIVE_INFINITY;
  return said.filter(
    (value) =>
      value >= min &&
      value <= max &&
      (schema["type"] !== "integer" || Number.isInteger(value)) &&
      usable(schema),
  );
}

/** What the request says of lines or of how many, for a parameter with a default that takes such; `undefined` for any other. */
export function extentOfParameter(name: string, schema: JsonSchema, sources: Sources): number[] | undefined {
  const role = typeof schema["default"] === "number" ? extentRole(name, schema) : undefined;
  if (role === undefined) return undefined;
  const value = extentOf(sources.request)[role];
  return value === undefined ? [] : [value];
}

/** Bounds that candidates are not checked against leave the number to the general rule. */
const usable = (schema: JsonSchema): boolean =>
  !["exclusiveMinimum", "exclusiveMaximum", "multipleOf"].some((key) => key in schema);
