import { Monty, MontyRuntimeError, MontySyntaxError } from "@pydantic/monty";
import { Output } from "../sandbox/output.ts";
import { type Job, type JobResult, OPERATIONS } from "./protocol.ts";

/** Output beyond this many times the kept size ends the code: what it prints stays in memory until it ends. */
const FLOOD = 100;
/** Where a whole number may be a float: Monty hands over 1 for 1 and for 1.0. */
const MAYBE_FLOAT = /\/|\d\.|\.\d|\de|float|round|import/;

/** Runs Python in Monty. What Monty can't do is an error like any other; the caller decides whether to go on elsewhere. */
export function runPython(job: Job): JobResult {
  const output = new Output(job.outputChars);
  const end = (more: Omit<JobResult, "id" | "output" | "truncated">): JobResult => {
    const text = output.text();
    return { id: job.id, output: text, truncated: output.truncated, ...more };
  };
  let flood = false;
  try {
    const value: unknown = new Monty(job.code, { scriptName: "code.py" }).run({
      limits: {
        maxDurationSecs: job.timeoutMs / 1000,
        maxMemory: job.memoryMb * 1024 * 1024,
        maxRecursionDepth: 900,
        maxAllocations: job.operations ?? OPERATIONS,
      },
      printCallback: (_stream: string, text: string) => {
        output.push(Buffer.from(text));
        flood ||= output.chars > job.outputChars * FLOOD;
        if (flood) throw new Error("too much output");
      },
    });
    if (value === null || value === undefined) return end({});
    const shown = { value: repr(value, 0) };
    return end(doubtful(value, MAYBE_FLOAT.test(job.code), 0) ? { ...shown, unsure: true } : shown);
  } catch (error) {
    if (flood)
      return end({ limit: "output", error: { type: "OutputError", text: "The code printed too much." } });
    if (!(error instanceof MontyRuntimeError) && !(error instanceof MontySyntaxError)) throw error;
    const type = error.exception.typeName;
    const text = error instanceof MontyRuntimeError ? error.display("traceback") : error.display("type-msg");
    const limit = type === "TimeoutError" ? "time" : type !== "MemoryError" ? undefined : limitOf(text);
    return end({ error: { type, text: text.slice(0, 4000) }, ...(limit === undefined ? {} : { limit }) });
  }
}

/** Memory ran out, or the count of objects was reached: Monty has one error for both. */
function limitOf(text: string): "memory" | "operations" {
  return text.includes("allocation limit exceeded") ? "operations" : "memory";
}

/** Whether a value may look otherwise in Python: whole floats, numbers with exponents, objects of Monty's own. */
function doubtful(value: unknown, floats: boolean, depth: number): boolean {
  if (depth > 20) return true;
  if (typeof value === "number")
    return (
      (floats && Number.isInteger(value)) ||
      /e|Infinity|NaN/.test(String(value)) ||
      Math.abs(value) >= 1e16 ||
      (value !== 0 && Math.abs(value) < 1e-4)
    );
  if (value === null || value === undefined || typeof value !== "object") return false;
  if (value instanceof Map) return [...value].flat().some((one) => doubtful(one, floats, depth + 1));
  return !Array.isArray(value) || value.some((one) => doubtful(one, floats, depth + 1));
}

/** A value as Python would show it. Monty hands over JavaScript values: numbers, texts, lists, maps. */
function repr(value: unknown, depth: number): string {
  if (depth > 20) return "...";
  const inner = (one: unknown) => repr(one, depth + 1);
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number")
    return Number.isNaN(value) ? "nan" : Number.isFinite(value) ? String(value) : value > 0 ? "inf" : "-inf";
  if (Array.isArray(value))
    return "__tuple__" in value ? tuple(value.map(inner)) : `[${value.map(inner).join(", ")}]`;
  if (value instanceof Map)
    return `{${[...value].map(([key, one]) => `${inner(key)}: ${inner(one)}`).join(", ")}}`;
  if (value instanceof Set) return value.size === 0 ? "set()" : `{${[...value].map(inner).join(", ")}}`;
  return JSON.stringify(value) ?? String(value);
}

function tuple(items: string[]): string {
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`;
}

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(/[\\\n\r\t]|[\p{Cc}]/gu, (char) => {
    const known = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" }[char];
    return known ?? `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`;
  });
  return mark + (mark === "'" ? body.replaceAll("'", "\\'") : body) + mark;
}
