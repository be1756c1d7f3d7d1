/** Any value that survives a round trip through JSON text. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/** A JSON object. A key whose value is `undefined` is treated as absent. */
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}

/** A JSON Schema (draft 2020-12) of one value. Hearth's inner truth about what a tool takes. */
export type JsonSchema = JsonObject;

/** True for a plain JSON object: not null, not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
