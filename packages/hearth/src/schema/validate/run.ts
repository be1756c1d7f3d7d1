import type { JsonSchema, JsonValue } from "../../protocol/index.ts";
import type { SchemaIndex } from "./refs.ts";

/** Nodes of schema and value that one check may visit; beyond it the value counts as too large. About 0.1 s. */
const BUDGET = 500_000;
/** Levels of a value that are checked: far above any real call, far below the stack. */
export const MAX_DEPTH = 200;
/** References in a row that do not go down in the value; more is a schema that refers to itself. */
export const MAX_HOPS = 40;

/** Where in the value: a list of keys, last first. Left out: the value itself. */
export interface At {
  parent: At | undefined;
  key: string | number;
}

export const MISSING: unique symbol = Symbol("missing");

/** A fault as found; turned into words only when it is told. */
export interface RawFault {
  at: At | undefined;
  kind: "type" | "value" | "missing" | "unknown" | "limit";
  /** What would be right, in words. Left out: as `schema` says. */
  expected?: string;
  /** What stands there, or `MISSING`. */
  value: unknown;
  /** The schema of the place. */
  schema?: JsonSchema;
}

/** One thing that is wrong with a value. */
export interface Fault {
  /** Where: `user.tags[2]`; empty for the value itself. */
  path: string;
  /** What would be right, in words. */
  expected: string;
  /** What stands there, shortened, and of which type. */
  got: string;
  /** A value that would be right there; left out where the field should not be there, or none was found. */
  example?: JsonValue;
}

/** State of one check. */
export interface Run {
  /** Whether values may be read as what the schema asks for. */
  coerce: boolean;
  /** Whether defaults are filled in. */
  fill: boolean;
  faults: RawFault[];
  repairs: string[];
  budget: { left: number };
  depth: number;
  hops: number;
}

/** Checks a value, adds what is wrong to the run, and returns the value as it should be read. */
export type Check = (value: unknown, at: At | undefined, run: Run) => unknown;

/** Makes the check of a schema inside the one that is being compiled. */
export interface Compiler {
  compile(schema: unknown): Check;
  problem(text: string): void;
  index: SchemaIndex;
}

export function newRun(coerce: boolean, fill: boolean): Run {
  return { coerce, fill, faults: [], repairs: [], budget: { left: BUDGET }, depth: 0, hops: 0 };
}

/** The outcome of a check that changes nothing outside. */
export interface Trial {
  ok: boolean;
  value: unknown;
  faults: RawFault[];
  repairs: string[];
}

/** Tries a check without telling the run of its faults or repairs. Without `coerce` it only looks. */
export function attempt(check: Check, value: unknown, at: At | undefined, run: Run, coerce: boolean): Trial {
  const inner: Run = { ...run, coerce, fill: coerce && run.fill, faults: [], repairs: [] };
  const result = check(value, at, inner);
  return { ok: inner.faults.length === 0, value: result, faults: inner.faults, repairs: inner.repairs };
}

/** Goes one level down in the value. */
export function descend(check: Check, value: unknown, at: At, run: Run): unknown {
  if (run.depth >= MAX_DEPTH) {
    run.faults.push({ at, kind: "limit", expected: `at most ${MAX_DEPTH} levels of nesting`, value });
    return value;
  }
  const hops = run.hops;
  run.hops = 0;
  run.depth++;
  const result = check(value, at, run);
  run.depth--;
  run.hops = hops;
  return result;
}

/** A place in words: `user.tags[2]`; the value itself is the empty text. */
export function pathOf(at: At | undefined): string {
  const keys: (string | number)[] = [];
  for (let node = at; node !== undefined; node = node.parent) keys.push(node.key);
  let path = "";
  for (const key of keys.reverse()) {
    if (typeof key === "number") path += `[${key}]`;
    else if (/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(key)) path += path === "" ? key : `.${key}`;
    else path += `[${JSON.stringify(key)}]`;
  }
  return path;
}

/** The keys from the value itself to a place. */
export function keysOf(at: At | undefined): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let node = at; node !== undefined; node = node.parent) keys.push(node.key);
  return keys.reverse();
}
