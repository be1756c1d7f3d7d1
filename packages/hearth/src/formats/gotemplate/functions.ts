import { pythonJson } from "../templates/index.ts";
import { GoTemplateError } from "./errors.ts";
import { GoStruct, type GoValue, print, truth } from "./values.ts";

export type GoFunction = (args: GoValue[]) => GoValue;

/** A value as JSON data, structs through their own text. */
function jsonOf(value: GoValue): string {
  if (value instanceof GoStruct) return value.text();
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(", ")}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}: ${jsonOf(item)}`)
      .join(", ")}}`;
  return pythonJson(value ?? null);
}

function equal(a: GoValue, b: GoValue): boolean {
  if ((a === null || a === undefined) && (b === null || b === undefined)) return true;
  if (a === null || a === undefined || b === null || b === undefined) return false;
  if (typeof a === "object" || typeof a !== typeof b)
    throw new GoTemplateError("incompatible types for comparison");
  return a === b;
}

function compare(a: GoValue, b: GoValue): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  throw new GoTemplateError("incompatible types for comparison");
}

function size(value: GoValue): number {
  if (typeof value === "string") return new TextEncoder().encode(value).length;
  if (Array.isArray(value)) return value.length;
  if (typeof value === "object" && value !== null && !(value instanceof GoStruct))
    return Object.keys(value).length;
  throw new GoTemplateError("len of a value without length");
}

function index(args: GoValue[]): GoValue {
  const [first, ...keys] = args;
  let value = first;
  for (const key of keys) {
    if (Array.isArray(value)) {
      if (typeof key !== "number" || key < 0 || key >= value.length)
        throw new GoTemplateError(`index out of range: ${print(key)}`);
      value = value[key];
    } else if (typeof value === "object" && value !== null && !(value instanceof GoStruct))
      value = value[String(key)];
    else if (typeof value === "string" && typeof key === "number")
      value = new TextEncoder().encode(value)[key];
    else throw new GoTemplateError("can't index this value");
  }
  return value;
}

function slice(args: GoValue[]): GoValue {
  const [value, from = 0, to] = args;
  if (typeof from !== "number" || (to !== undefined && typeof to !== "number"))
    throw new GoTemplateError("slice indexes must be numbers");
  if (Array.isArray(value)) {
    if (from < 0 || from > value.length || (to ?? value.length) > value.length)
      throw new GoTemplateError("slice out of range");
    return value.slice(from, to);
  }
  if (typeof value !== "string") throw new GoTemplateError("can't slice this value");
  const bytes = new TextEncoder().encode(value);
  if (from < 0 || from > bytes.length || (to ?? bytes.length) > bytes.length)
    throw new GoTemplateError("slice out of range");
  return new TextDecoder().decode(bytes.slice(from, to));
}

function format(args: GoValue[]): string {
  const [pattern, ...values] = args;
  if (typeof pattern !== "string") throw new GoTemplateError("printf needs a format");
  let at = 0;
  return pattern.replace(
    /%([-+# 0]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g,
    (_all, flags: string, width?: string, precision?: string, verb?: string) => {
      if (verb === "%") return "%";
      if (at >= values.length) return `%!${verb}(MISSING)`;
      const value = values[at++];
      let text = print(value, false);
      if (verb === "q") text = JSON.stringify(text);
      else if (verb === "f" && typeof value === "number")
        text = value.toFixed(precision === undefined ? 6 : Number(precision));
      else if (verb === "x" && typeof value === "number") text = value.toString(16);
      else if (verb === "s" && precision !== undefined)
        text = Array.from(text).slice(0, Number(precision)).join("");
      const wanted = Math.min(Number(width ?? 0), 10_000);
      return flags.includes("-")
        ? text.padEnd(wanted)
        : text.padStart(wanted, flags.includes("0") ? "0" : " ");
    },
  );
}

/** Go's `Sprint`: a blank between neighbours that are both no strings. */
function sprint(values: GoValue[]): string {
  return values
    .map((value, at) => {
      const blank = at > 0 && typeof value !== "string" && typeof values[at - 1] !== "string";
      return (blank ? " " : "") + print(value, false);
    })
    .join("");
}

const escapeHtml = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&#34;")
    .replaceAll("'", "&#39;");

/** TypeScript's name of a parameter's type, as Ollama gives it to gpt-oss. */
function typeScriptType(value: GoValue): string {
  const type = value instanceof GoStruct ? value.fields.get("Type") : value;
  const names = Array.isArray(type) ? type : [type];
  const known: Readonly<Record<string, string>> = {
    integer: "number",
    array: "any[]",
    object: "Record<string, any>",
  };
  return names.map((name) => known[print(name)] ?? (print(name) || "any")).join(" | ");
}

/** Go's own functions but `and` and `or`, which stop early, and Ollama's. */
export const FUNCTIONS: Readonly<Record<string, GoFunction>> = {
  not: ([value]) => !truth(value),
  eq: ([first, ...others]) => {
    if (others.length === 0) throw new GoTemplateError("missing argument for comparison");
    return others.some((other) => equal(first, other));
  },
  ne: ([a, b]) => !equal(a, b),
  lt: ([a, b]) => compare(a, b) < 0,
  le: ([a, b]) => compare(a, b) <= 0,
  gt: ([a, b]) => compare(a, b) > 0,
  ge: ([a, b]) => compare(a, b) >= 0,
  len: ([value]) => size(value),
  index,
  slice,
  print: sprint,
  println: (args) => `${args.map((value) => print(value, false)).join(" ")}\n`,
  printf: format,
  html: (args) => escapeHtml(sprint(args)),
  js: (args) => JSON.stringify(sprint(args)).slice(1, -1),
  urlquery: (args) => encodeURIComponent(sprint(args)).replaceAll("%20", "+"),
  json: ([value]) => jsonOf(value),
  toTypeScriptType: ([value]) => typeScriptType(value),
};
