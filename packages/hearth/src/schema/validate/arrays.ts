import type { JsonSchema } from "../../protocol/index.ts";
import { canonical } from "./json.ts";
import { attempt, type Check, type Compiler, descend, type RawFault, type Run } from "./run.ts";

/** Checks the keywords of arrays. */
export function arrayCheck(schema: JsonSchema, compiler: Compiler): Check | undefined {
  const parts = [itemsCheck(schema, compiler), sizeCheck(schema), containsCheck(schema, compiler)];
  const checks = parts.filter((check) => check !== undefined);
  if (checks.length === 0) return undefined;
  return (value, at, run) => {
    if (!Array.isArray(value)) return value;
    const before = run.faults.length;
    let current: unknown = value;
    for (const check of checks) {
      current = check(current, at, run);
      if (run.faults.length > before) break;
    }
    return current;
  };
}

/** The schemas by place. A list in `items` is the tuple of older drafts. */
function itemsCheck(schema: JsonSchema, compiler: Compiler): Check | undefined {
  const { prefixItems, items, additionalItems } = schema;
  const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
  const others = Array.isArray(items) ? additionalItems : items;
  if (tuple.length === 0 && (others === undefined || others === true)) return undefined;
  const heads = Array.from(tuple, (item) => compiler.compile(item));
  const tail = others === undefined || others === true ? undefined : compiler.compile(others);
  const closed = others === false;
  return (value, at, run) => {
    if (!Array.isArray(value)) return value;
    if (closed && value.length > heads.length) {
      run.faults.push({
        at,
        kind: "value",
        expected: `a list of at most ${heads.length} entries`,
        value,
        schema,
      });
      return value;
    }
    let out: unknown[] = value;
    for (let index = 0; index < value.length; index++) {
      const check = heads[index] ?? tail;
      if (!check) break;
      const item: unknown = value[index];
      const read = descend(check, item, { parent: at, key: index }, run);
      if (read !== item) {
        if (out === value) out = [...value];
        out[index] = read;
      }
      if (run.budget.left < 0) break;
    }
    return out;
  };
}

function sizeCheck(schema: JsonSchema): Check | undefined {
  const { minItems, maxItems, uniqueItems } = schema;
  const least = typeof minItems === "number" ? minItems : 0;
  const most = typeof maxItems === "number" ? maxItems : Number.POSITIVE_INFINITY;
  if (least === 0 && most === Number.POSITIVE_INFINITY && uniqueItems !== true) return undefined;
  return (value, at, run) => {
    if (!Array.isArray(value)) return value;
    if (value.length < least || value.length > most) run.faults.push({ at, kind: "value", value, schema });
    else if (uniqueItems === true && hasTwins(value, run)) {
      run.faults.push({ at, kind: "value", expected: "a list without repeated entries", value, schema });
    }
    return value;
  };
}

function hasTwins(list: unknown[], run: Run): boolean {
  run.budget.left -= list.length;
  return list.length > 1 && new Set(list.map((item) => canonical(item))).size < list.length;
}

function containsCheck(schema: JsonSchema, compiler: Compiler): Check | undefined {
  if (schema["contains"] === undefined) return undefined;
  const check = compiler.compile(schema["contains"]);
  const least = typeof schema["minContains"] === "number" ? schema["minContains"] : 1;
  const most = typeof schema["maxContains"] === "number" ? schema["maxContains"] : Number.POSITIVE_INFINITY;
  return (value, at, run) => {
    if (!Array.isArray(value)) return value;
    const count = value.filter((item, index) => {
      const trial = attempt(
        check,
        item,
        { parent: at, key: index },
        { ...run, depth: run.depth + 1, hops: 0 },
        false,
      );
      return trial.ok;
    }).length;
    if (count >= least && count <= most) return value;
    const few = count < least ? `at least ${least}` : `at most ${most}`;
    const fault: RawFault = {
      at,
      kind: "value",
      expected: `a list with ${few} of the wanted entries`,
      value,
      schema,
    };
    run.faults.push(fault);
    return value;
  };
}
