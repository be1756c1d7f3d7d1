import { isObject, type JsonSchema } from "../../protocol/index.ts";
import { arrayCheck } from "./arrays.ts";
import { combineChecks } from "./combine.ts";
import { brief } from "./json.ts";
import { objectCheck } from "./objects.ts";
import { indexOf } from "./refs.ts";
import { type Check, type Compiler, MAX_HOPS } from "./run.ts";
import { scalarCheck, typeCheck, valueCheck } from "./scalars.ts";
import { unevaluatedCheck } from "./unevaluated.ts";

/** A schema made ready: its check, and what in it can't be understood (empty for a sound schema). */
export interface Compiled {
  check: Check;
  problems: string[];
}

const cache = new WeakMap<object, Compiled>();

/** Compiles a schema once; the same object is never compiled again, so it must not change after its first use. */
export function compiled(schema: unknown): Compiled {
  const known = isObject(schema) ? cache.get(schema) : undefined;
  if (known) return known;
  const problems: string[] = [];
  const made = new Map<object, Check>();
  const compiler: Compiler = {
    index: indexOf(schema),
    problem: (text) => void (problems.length < 20 && problems.push(text)),
    compile(node) {
      if (node === false) return nothing;
      if (!isObject(node)) {
        if (node !== true && node !== undefined)
          compiler.problem("a schema is neither an object nor true or false");
        return anything;
      }
      const done = made.get(node);
      if (done) return done;
      // Set before the parts are compiled: a schema object may hold itself.
      let inner: Check = anything;
      const entry: Check = (value, at, run) => inner(value, at, run);
      made.set(node, entry);
      inner = nodeCheck(node, compiler);
      made.set(node, inner);
      return inner;
    },
  };
  const result: Compiled = { check: compiler.compile(schema), problems };
  if (isObject(schema)) cache.set(schema, result);
  return result;
}

const anything: Check = (value) => value;

const nothing: Check = (value, at, run) => {
  run.faults.push({ at, kind: "unknown", value });
  return value;
};

function nodeCheck(schema: JsonSchema, compiler: Compiler): Check {
  const first: Check[] = [];
  const add = (list: Check[], ...checks: (Check | undefined)[]): void => {
    for (const check of checks) if (check) list.push(check);
  };
  add(first, typeCheck(schema, compiler), refCheck(schema, compiler), valueCheck(schema));
  const rest: Check[] = [];
  add(rest, scalarCheck(schema, compiler), arrayCheck(schema, compiler), objectCheck(schema, compiler));
  const last: Check[] = [];
  add(last, ...combineChecks(schema, compiler), unevaluatedCheck(schema, compiler));

  return (value, at, run) => {
    if (--run.budget.left < 0) {
      const told = run.faults.at(-1)?.kind === "limit";
      if (!told)
        run.faults.push({ at, kind: "limit", expected: "a value that can be checked in time", value });
      return value;
    }
    const before = run.faults.length;
    let current = value;
    // Of one place only the first reason is told, so a stage that failed ends the check there.
    for (const stage of [first, rest, last]) {
      for (const check of stage) {
        current = check(current, at, run);
        if (stage === first && run.faults.length > before) return current;
      }
      if (run.faults.length > before) return current;
    }
    return current;
  };
}

function refCheck(schema: JsonSchema, compiler: Compiler): Check | undefined {
  const ref = schema["$ref"] ?? schema["$dynamicRef"];
  if (ref === undefined) return undefined;
  const target = typeof ref === "string" ? compiler.index.find(ref, schema) : undefined;
  if (target === undefined) {
    compiler.problem(`the reference ${brief(ref)} leads nowhere inside the schema`);
    return undefined;
  }
  const check = compiler.compile(target);
  return (value, at, run) => {
    if (run.hops >= MAX_HOPS) {
      run.faults.push({
        at,
        kind: "limit",
        expected: "a schema that does not refer to itself without end",
        value,
      });
      return value;
    }
    run.hops++;
    const result = check(value, at, run);
    run.hops--;
    return result;
  };
}
