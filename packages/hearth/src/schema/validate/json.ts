import { isObject, type JsonObject, type JsonValue } from "../../protocol/index.ts";

export type TypeName = "string" | "number" | "integer" | "boolean" | "null" | "array" | "object";

export const TYPE_NAMES: ReadonlySet<string> = new Set<TypeName>([
  "string",
  "number",
  "integer",
  "boolean",
  "null",
  "array",
  "object",
]);

export function isTypeName(value: unknown): value is TypeName {
  return typeof value === "string" && TYPE_NAMES.has(value);
}

/** Whether a value is of a JSON Schema type. Not-a-number and the infinities are no JSON. */
export function fits(value: unknown, type: TypeName): boolean {
  switch (type) {
    case "string":
    case "boolean":
      return typeof value === type;
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    case "integer":
      return Number.isInteger(value);
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
  }
}

/** The JSON type of a value in words; what is no JSON by its JavaScript type. */
export function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

/** A key that is present: own, and not `undefined`. */
export function has(value: JsonObject, key: string): boolean {
  return Object.hasOwn(value, key) && value[key] !== undefined;
}

/** Sets an own key, `__proto__` too. */
export function put(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") target[key] = value;
  else Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** A text that is the same for equal JSON values: keys sorted. Bounded in depth; what is no JSON is told apart by type. */
export function canonical(value: unknown, depth = 0): string {
  if (depth > 200) return "…";
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(",")}]`;
  if (isObject(value)) {
    const keys = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key], depth + 1)}`).join(",")}}`;
  }
  if (typeof value === "number") return Object.is(value, -0) ? "0" : String(value);
  return typeof value === "string" || typeof value === "boolean" || value === null
    ? JSON.stringify(value)
    : `<${typeof value}>`;
}

export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return typeof a === "object" && typeof b === "object" ? canonical(a) === canonical(b) : false;
}

/** A copy that shares nothing with the original. */
export function cloneJson(value: JsonValue): JsonValue {
  return typeof value === "object" && value !== null ? structuredClone(value) : value;
}

/** A value as short text for people: never throws, never long. */
export function brief(value: unknown, maxChars = 60): string {
  let text: string | undefined;
  try {
    text =
      typeof value === "string" ? JSON.stringify(value.slice(0, maxChars * 2)) : stringify(value, maxChars);
  } catch {
    text = undefined;
  }
  text ??= `a ${typeof value}`;
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1)}…`;
}

/** JSON text; large containers are told by their size, so that a huge value costs nothing. */
function stringify(value: unknown, maxChars: number): string | undefined {
  if (Array.isArray(value) && value.length > maxChars) return `a list of ${value.length}`;
  if (isObject(value) && Object.keys(value).length > maxChars)
    return `an object of ${Object.keys(value).length} fields`;
  return JSON.stringify(value);
}
