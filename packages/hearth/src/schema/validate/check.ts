import { isObject, type JsonObject, type JsonSchema } from "../../protocol/index.ts";
import { coerceType } from "./coerce.ts";
import { compiled } from "./compile.ts";
import { type Explained, explain } from "./explain.ts";
import { type Check, type Fault, newRun, type RawFault, type Run } from "./run.ts";

export type Checked =
  | { ok: true; value: JsonObject /** What was read otherwise than written, in words. */; repairs: string[] }
  | {
      ok: false;
      faults: Fault[] /** For the model: reason, remedy, example, a line each. */;
      message: string;
    };

export interface CheckOptions {
  /** Read values as what the schema asks for where that is sure, and fill in defaults. Default true. */
  coerce?: boolean;
}

/** Names under which models wrap the arguments once more. */
const WRAPPERS = ["arguments", "parameters", "args", "kwargs", "input", "params"];

/**
 * Checks the arguments of a call against a schema (JSON Schema 2020-12), reads what is surely meant, and says what else
 * is wrong so that a model can mend it. Never throws, whatever schema and arguments are; the arguments stay untouched.
 */
export function checkArguments(schema: JsonSchema, args: unknown, options: CheckOptions = {}): Checked {
  const coerce = options.coerce ?? true;
  const { check } = compiled(schema);
  const given: Read = coerce ? readArguments(check, schema, args) : { value: args, repairs: [] };
  const result = settle(check, given.value, coerce);
  if (result.faults.length === 0 && isObject(result.value)) {
    return { ok: true, value: result.value, repairs: [...given.repairs, ...result.repairs] };
  }
  const faults: RawFault[] =
    result.faults.length > 0
      ? result.faults
      : [{ at: undefined, kind: "type", expected: "an object", value: args }];
  const explained: Explained = explain(schema, given.value, faults);
  return { ok: false, faults: explained.faults, message: explained.message };
}

/** Any value against a schema, as it stands: true when it holds. */
export function isValid(schema: JsonSchema, value: unknown): boolean {
  const run = newRun(false, false);
  compiled(schema).check(value, undefined, run);
  return run.faults.length === 0 && run.budget.left >= 0;
}

/** What in a schema can't be understood; empty for a sound one. */
export function schemaProblems(schema: unknown): string[] {
  return compiled(schema).problems;
}

interface Read {
  value: unknown;
  repairs: string[];
}

/** The arguments object itself: nothing is `{}`, JSON text is read, a wrapper is taken off. */
function readArguments(check: Check, schema: JsonSchema, args: unknown): Read {
  if (args === null || args === undefined || (typeof args === "string" && args.trim() === "")) {
    return { value: {}, repairs: args === undefined ? [] : ["no arguments read as an empty object"] };
  }
  if (typeof args === "string") {
    const read = coerceType(args, new Set(["object"]));
    return read ? { value: read.value, repairs: [read.repair] } : { value: args, repairs: [] };
  }
  const [key, ...more] = isObject(args) ? Object.keys(args) : [];
  if (isObject(args) && key !== undefined && more.length === 0 && WRAPPERS.includes(key.toLowerCase())) {
    const properties = isObject(schema["properties"]) ? schema["properties"] : {};
    const inner = args[key];
    const text = typeof inner === "string" ? coerceType(inner, new Set(["object"]))?.value : inner;
    if (!Object.hasOwn(properties, key) && isObject(text) && settle(check, text, true).faults.length === 0) {
      if (settle(check, args, true).faults.length > 0) {
        return { value: text, repairs: [`taken out of ${JSON.stringify(key)}`] };
      }
    }
  }
  return { value: args, repairs: [] };
}

interface Settled {
  value: unknown;
  faults: RawFault[];
  repairs: string[];
}

/** What comes out of a repair must hold as it stands; where defaults break that, it is tried without them. */
function settle(check: Check, value: unknown, coerce: boolean): Settled {
  if (!coerce) return once(check, value, newRun(false, false));
  const filled = once(check, value, newRun(true, true));
  if (filled.faults.length > 0) return filled;
  const proof = once(check, filled.value, newRun(false, false));
  if (proof.faults.length === 0) return filled;
  const bare = once(check, value, newRun(true, false));
  if (bare.faults.length > 0) return bare;
  const second = once(check, bare.value, newRun(false, false));
  return second.faults.length === 0 ? bare : { ...second, repairs: [] };
}

function once(check: Check, value: unknown, run: Run): Settled {
  const result = check(value, undefined, run);
  if (run.budget.left < 0 && run.faults.length === 0) {
    run.faults.push({
      at: undefined,
      kind: "limit",
      expected: "arguments that can be checked in time",
      value,
    });
  }
  return { value: result, faults: run.faults, repairs: run.repairs };
}
