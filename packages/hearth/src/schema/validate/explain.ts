import { isObject, type JsonSchema, type JsonValue } from "../../protocol/index.ts";
import { nearestNames } from "../names.ts";
import { compiled } from "./compile.ts";
import { describeSchema, listed } from "./describe.ts";
import { exampleOf } from "./example.ts";
import { brief, put, typeOf } from "./json.ts";
import { type Fault, keysOf, MISSING, newRun, pathOf, type RawFault } from "./run.ts";

/** Faults told one by one; the rest is counted. */
const MAX_TOLD = 3;
/** Faults handed out at most. */
const MAX_FAULTS = 20;
/** Longest example: about 120 tokens of JSON. */
const MAX_EXAMPLE_CHARS = 400;
/** Longest description of a field that a message repeats. */
const MAX_DESCRIPTION_CHARS = 80;

export interface Explained {
  faults: Fault[];
  message: string;
}

/** Faults in words, and a message for the model: one line of reasons, one of remedies, one example. */
export function explain(schema: JsonSchema, args: unknown, raw: readonly RawFault[]): Explained {
  const told = raw.slice(0, MAX_TOLD);
  const more = raw.length - told.length;
  const faults = raw.slice(0, MAX_FAULTS).map((fault) => faultOf(fault, schema));
  const reasons = told.map((fault) => reasonOf(fault));
  const remedies = told.map((fault) => remedyOf(fault));
  const lines = [
    `Wrong arguments: ${reasons.join("; ")}${more > 0 ? `; and ${more} more` : ""}.`,
    `Fix: ${remedies.join("; ")}.`,
  ];
  const example = exampleFor(schema, args, raw);
  if (example !== undefined) lines.push(`Example: ${example}`);
  return { faults, message: lines.join("\n") };
}

function faultOf(fault: RawFault, root: JsonSchema): Fault {
  const out: Fault = { path: pathOf(fault.at), expected: expectedOf(fault), got: gotOf(fault) };
  const example = fault.kind === "unknown" ? undefined : exampleAt(fault, root);
  if (example !== undefined) out.example = example;
  return out;
}

function exampleAt(fault: RawFault, root: JsonSchema): JsonValue | undefined {
  return fault.schema === undefined ? undefined : exampleOf(fault.schema, root);
}

function expectedOf(fault: RawFault): string {
  if (fault.kind === "unknown") return unknownHint(fault);
  return fault.expected ?? (fault.schema ? describeSchema(fault.schema) : "a value");
}

function gotOf(fault: RawFault): string {
  if (fault.value === MISSING) return "nothing";
  const type = typeOf(fault.value);
  const text = brief(fault.value);
  return type === "null" || type === "boolean" || text.startsWith("a ") ? text : `${text} (${type})`;
}

function nameOf(fault: RawFault): string {
  const path = pathOf(fault.at);
  return path === "" ? "the arguments" : JSON.stringify(path);
}

/** Fields that may stand where an unknown one was found. */
function siblings(fault: RawFault): string[] {
  const properties = fault.schema?.["properties"];
  return isObject(properties) ? Object.keys(properties) : [];
}

function unknownHint(fault: RawFault): string {
  const known = siblings(fault);
  return known.length === 0 ? "no such field" : `no such field; known: ${known.slice(0, 12).join(", ")}`;
}

function reasonOf(fault: RawFault): string {
  const name = nameOf(fault);
  if (fault.kind === "missing") {
    const about = fault.schema?.["description"];
    const words = typeof about === "string" && about !== "" ? `: ${cut(about)}` : "";
    return `${name} is missing (${expectedOf(fault)}${words})`;
  }
  if (fault.kind === "unknown") {
    const known = siblings(fault);
    return `${name} is not a parameter${known.length > 0 ? ` (${listed("known: ", known)})` : ""}`;
  }
  return `${name} must be ${expectedOf(fault)}, got ${gotOf(fault)}`;
}

function remedyOf(fault: RawFault): string {
  const name = nameOf(fault);
  if (fault.kind === "missing") return `add ${name}`;
  if (fault.kind === "unknown") {
    const key = keysOf(fault.at).at(-1);
    const near = nearestNames(String(key), siblings(fault), 1)[0];
    return near === undefined
      ? `leave ${name} out`
      : `use ${JSON.stringify(near)} instead of ${name}, or leave it out`;
  }
  return `send ${name} as ${expectedOf(fault)}`;
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= MAX_DESCRIPTION_CHARS ? line : `${line.slice(0, MAX_DESCRIPTION_CHARS - 1)}…`;
}

/** The model's own arguments mended, where that gives a valid and short example; else the smallest valid one. */
function exampleFor(schema: JsonSchema, args: unknown, faults: readonly RawFault[]): string | undefined {
  for (const candidate of [mended(schema, args, faults), exampleOf(schema)]) {
    if (candidate === undefined) continue;
    const run = newRun(false, false);
    compiled(schema).check(candidate, undefined, run);
    if (run.faults.length > 0) continue;
    const text = jsonText(candidate);
    if (text !== undefined && text.length <= MAX_EXAMPLE_CHARS) return text;
  }
  return undefined;
}

/** A schema may hold what is no JSON, and then its examples do. */
function jsonText(value: JsonValue): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function mended(schema: JsonSchema, args: unknown, faults: readonly RawFault[]): JsonValue | undefined {
  if (!isObject(args) || brief(args, MAX_EXAMPLE_CHARS * 2).endsWith("…")) return undefined;
  let copy: unknown;
  try {
    copy = structuredClone(args);
  } catch {
    return undefined;
  }
  for (const fault of faults) {
    const keys = keysOf(fault.at);
    const last = keys.pop();
    if (last === undefined) return undefined;
    let target: unknown = copy;
    for (const key of keys)
      target = typeof target === "object" && target !== null ? Reflect.get(target, key) : undefined;
    if (typeof target !== "object" || target === null) return undefined;
    if (fault.kind === "unknown") Reflect.deleteProperty(target, last);
    else {
      const example = exampleAt(fault, schema);
      if (example === undefined) return undefined;
      put(target as Record<string, unknown>, String(last), example);
    }
  }
  return isObject(copy) ? copy : undefined;
}
