import { isObject, type JsonSchema } from "../../protocol/index.ts";
import { describeSchema } from "./describe.ts";
import { has } from "./json.ts";
import {
  type At,
  attempt,
  type Check,
  type Compiler,
  keysOf,
  type RawFault,
  type Run,
  type Trial,
} from "./run.ts";

/** Checks `allOf`, `anyOf`, `oneOf`, `not`, `if`/`then`/`else` and `dependentSchemas`. */
export function combineChecks(schema: JsonSchema, compiler: Compiler): Check[] {
  const checks: Check[] = [];
  if (Array.isArray(schema["allOf"])) {
    for (const branch of schema["allOf"]) checks.push(compiler.compile(branch));
  }
  for (const keyword of ["anyOf", "oneOf"] as const) {
    const branches = schema[keyword];
    if (Array.isArray(branches) && branches.length > 0) {
      checks.push(choiceCheck(branches, keyword === "oneOf", schema, compiler));
    }
  }
  if (schema["not"] !== undefined) checks.push(notCheck(schema["not"], compiler));
  if (schema["if"] !== undefined) checks.push(conditionCheck(schema, compiler));
  for (const table of [schema["dependentSchemas"], schema["dependencies"]]) {
    if (!isObject(table)) continue;
    for (const [key, branch] of Object.entries(table)) {
      if (Array.isArray(branch)) continue;
      const check = compiler.compile(branch);
      checks.push((value, at, run) => (isObject(value) && has(value, key) ? check(value, at, run) : value));
    }
  }
  return checks;
}

/**
 * `anyOf`: the first branch that takes the value as it is, else the one that takes it with the fewest repairs.
 * `oneOf`: exactly one branch must take it; where none does, exactly one after repair.
 */
function choiceCheck(
  branches: unknown[],
  exactlyOne: boolean,
  schema: JsonSchema,
  compiler: Compiler,
): Check {
  const checks = Array.from(branches, (branch) => compiler.compile(branch));
  return (value, at, run) => {
    const strict: Trial[] = [];
    const fitting: Check[] = [];
    for (const check of checks) {
      const trial = attempt(check, value, at, run, false);
      strict.push(trial);
      if (trial.ok) fitting.push(check);
      if (fitting.length > (exactlyOne ? 1 : 0)) break;
    }
    const [chosen, second] = fitting;
    if (chosen && second && exactlyOne) {
      run.faults.push({
        at,
        kind: "value",
        expected: `only one of: ${describeChoice(branches)}`,
        value,
        schema,
      });
      return value;
    }
    // A branch that fits may still fill in defaults below it.
    if (chosen) return run.coerce && run.fill ? settle(attempt(chosen, value, at, run, true), run) : value;
    const trials = run.coerce ? checks.map((check) => attempt(check, value, at, run, true)) : strict;
    const mended = trials.filter((trial) => trial.ok).sort((a, b) => a.repairs.length - b.repairs.length);
    const [best, next] = mended;
    if (best && !(exactlyOne && next && next.repairs.length === best.repairs.length))
      return settle(best, run);
    run.faults.push(...tellChoice(trials, value, at, branches, schema));
    return value;
  };
}

function settle(trial: Trial, run: Run): unknown {
  run.repairs.push(...trial.repairs);
  run.faults.push(...trial.faults);
  return trial.value;
}

function describeChoice(branches: readonly unknown[]): string {
  return describeSchema({
    anyOf: branches.filter((branch) => isObject(branch) || typeof branch === "boolean"),
  });
}

/** The faults of the branch that was most likely meant; where none comes near, that one of them is wanted. */
function tellChoice(
  trials: Trial[],
  value: unknown,
  at: At | undefined,
  branches: unknown[],
  schema: JsonSchema,
): RawFault[] {
  const depth = keysOf(at).length;
  const inside = trials.filter((trial) => trial.faults.every((fault) => keysOf(fault.at).length > depth));
  // A branch whose fixed values match (`kind: "circle"`) was meant, however much else is wrong.
  const meant = inside.filter((trial) => !trial.faults.some((fault) => isTag(fault)));
  const candidates = meant.length > 0 ? meant : inside.length === 1 ? inside : [];
  const best = candidates.sort((a, b) => a.faults.length - b.faults.length)[0];
  if (best && best.faults.length > 0) return best.faults;
  const tags = inside.length > 0 ? tagFault(inside) : undefined;
  return [tags ?? { at, kind: "type", expected: describeChoice(branches), value, schema }];
}

function isTag(fault: RawFault): boolean {
  return fault.schema !== undefined && ("const" in fault.schema || Array.isArray(fault.schema["enum"]));
}

/** All branches differ in the fixed value of one key: its values are what is expected there. */
function tagFault(trials: Trial[]): RawFault | undefined {
  const first = trials[0]?.faults.find((fault) => isTag(fault));
  const key = first && JSON.stringify(keysOf(first.at));
  const same = trials.map((trial) =>
    trial.faults.find((fault) => isTag(fault) && JSON.stringify(keysOf(fault.at)) === key),
  );
  if (!first || same.some((fault) => fault === undefined)) return undefined;
  const values = same.flatMap((fault) => {
    const { schema } = fault ?? {};
    return schema && "const" in schema ? [schema["const"]] : [schema?.["enum"]].flat();
  });
  const all = values.filter((item) => item !== undefined);
  return { ...first, schema: { enum: all } };
}

function notCheck(schema: unknown, compiler: Compiler): Check {
  const check = compiler.compile(schema);
  return (value, at, run) => {
    const trial = attempt(check, value, at, run, false);
    if (trial.ok)
      run.faults.push({ at, kind: "value", expected: `anything but ${describeSchema(schema)}`, value });
    return value;
  };
}

function conditionCheck(schema: JsonSchema, compiler: Compiler): Check {
  const condition = compiler.compile(schema["if"]);
  const yes = schema["then"] === undefined ? undefined : compiler.compile(schema["then"]);
  const no = schema["else"] === undefined ? undefined : compiler.compile(schema["else"]);
  return (value, at, run) => {
    const branch = attempt(condition, value, at, run, false).ok ? yes : no;
    return branch ? branch(value, at, run) : value;
  };
}
