import type { JsonSchema } from "../../protocol/index.ts";
import { extentOf, extentRole } from "./lines.ts";
import { propertiesOf } from "./roles.ts";
import { countsIn } from "./shapes.ts";
import type { Sources } from "./sources.ts";
import { numbersIn, unitsIn } from "./spans.ts";

/**
 * Numbers that a numeric argument may be: those said in the request, then those of earlier results. Which line, or how many, where the
 * parameter has a default: only what is said as such, and for anyone else's number the default stands.
 */
export function numberCandidates(name: string, schema: JsonSchema, sources: Sources): number[] {
  const said = extentOfParameter(name, schema, sources) ?? [
    ...saidNumbers(name, schema, sources),
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

/** Numbers said in the unit that this parameter counts in; else those that no other parameter counts; else all. */
function saidNumbers(name: string, schema: JsonSchema, { request, parameters }: Sources): number[] {
  const said = unitsIn(request);
  const siblings =
    parameters === undefined
      ? []
      : propertiesOf(parameters).filter(
          ([other, { type }]) => other !== name && ["integer", "number"].includes(String(type)),
        );
  const named = (unit: string): boolean =>
    siblings.some(([other, its]) => countsIn(unit, other, its) === "name");
  const own = said
    .map((one) => ({ ...one, by: countsIn(one.unit, name, schema) }))
    .filter(({ by, unit }) => by === "name" || (by === "description" && !named(unit)));
  const best = own.some(({ by }) => by === "name") ? "name" : "description";
  if (own.length > 0) return own.filter(({ by }) => by === best).map(({ value }) => value);
  const taken = new Set(
    said
      .filter(({ unit }) => siblings.some(([other, its]) => countsIn(unit, other, its) !== undefined))
      .map(({ value }) => value),
  );
  const all = numbersIn(request);
  const free = all.filter((value) => !taken.has(value));
  return free.length > 0 ? free : all;
}

/** Whether a number of the request stands in the unit of this parameter. */
export const isCounted = (name: string, schema: JsonSchema, request: string): boolean =>
  unitsIn(request).some(({ unit }) => countsIn(unit, name, schema) !== undefined);

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
