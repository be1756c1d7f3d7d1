import { isObject, type JsonObject, type JsonSchema, type JsonValue } from "hearth";
import { field, textField } from "./fields.ts";

type Reader = (def: unknown) => JsonSchema;

const of = (schema: unknown): JsonSchema => zod3Schema(schema) ?? {};
const inner: Reader = (def) => of(field(def, "innerType"));
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const anyOf = (options: unknown): JsonSchema => ({ anyOf: list(options).map(of) });

/** Kinds of zod 3, by the name in `_def.typeName`. What is not listed may be anything: the library checks it itself. */
const READERS: Readonly<Record<string, Reader>> = {
  ZodString: (def) => ({ type: "string", ...limits(def, { min: "minLength", max: "maxLength" }) }),
  ZodNumber: (def) => ({
    type: checks(def).some((one) => textField(one, "kind") === "int") ? "integer" : "number",
    ...limits(def, { min: "minimum", max: "maximum" }),
  }),
  ZodBoolean: () => ({ type: "boolean" }),
  ZodNull: () => ({ type: "null" }),
  ZodDate: () => ({ type: "string", format: "date-time" }),
  ZodLiteral: (def) => ({ enum: json([field(def, "value")]) }),
  ZodEnum: (def) => ({ type: "string", enum: json(list(field(def, "values"))) }),
  ZodNativeEnum: (def) => ({ enum: json(nativeValues(field(def, "values"))) }),
  ZodArray: (def) => ({ type: "array", items: of(field(def, "type")) }),
  ZodSet: (def) => ({ type: "array", items: of(field(def, "valueType")), uniqueItems: true }),
  ZodTuple: (def) => {
    const items = list(field(def, "items")).map(of);
    return { type: "array", prefixItems: items, items: false, minItems: items.length };
  },
  ZodRecord: (def) => ({ type: "object", additionalProperties: of(field(def, "valueType")) }),
  ZodObject: objectSchema,
  ZodUnion: (def) => anyOf(field(def, "options")),
  ZodDiscriminatedUnion: (def) => {
    const options = field(def, "options");
    return anyOf(options instanceof Map ? [...options.values()] : options);
  },
  ZodIntersection: (def) => ({ allOf: [of(field(def, "left")), of(field(def, "right"))] }),
  ZodOptional: inner,
  ZodReadonly: inner,
  ZodCatch: inner,
  ZodBranded: (def) => of(field(def, "type")),
  ZodEffects: (def) => of(field(def, "schema")),
  ZodPipeline: (def) => of(field(def, "in")),
  ZodDefault: (def) => {
    const make = field(def, "defaultValue");
    const [value] = typeof make === "function" ? json([Reflect.apply(make, undefined, [])]) : [];
    return value === undefined ? inner(def) : { ...inner(def), default: value };
  },
  ZodNullable: (def) => {
    const schema = inner(def);
    const { type } = schema;
    return typeof type === "string" && !("enum" in schema)
      ? { ...schema, type: [type, "null"] }
      : { anyOf: [schema, { type: "null" }] };
  },
};

/** The JSON Schema of a zod 3 schema, which gives none itself; undefined for what is no such schema. */
export function zod3Schema(schema: unknown): JsonSchema | undefined {
  const def = field(schema, "_def");
  const name = textField(def, "typeName");
  if (name === undefined || !name.startsWith("Zod")) return undefined;
  const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  const made = reader?.(def) ?? {};
  const description = textField(def, "description");
  return description === undefined ? made : { ...made, description };
}

function objectSchema(def: unknown): JsonSchema {
  const shape = field(def, "shape");
  const fields: unknown = typeof shape === "function" ? Reflect.apply(shape, undefined, []) : shape;
  const properties: JsonObject = {};
  const required: string[] = [];
  for (const [name, value] of Object.entries(Object(fields))) {
    properties[name] = of(value);
    const optional = field(value, "isOptional");
    if (typeof optional !== "function" || Reflect.apply(optional, value, []) !== true) required.push(name);
  }
  const open = textField(def, "unknownKeys") === "passthrough";
  return { type: "object", properties, required, ...(open ? {} : { additionalProperties: false }) };
}

function checks(def: unknown): unknown[] {
  return list(field(def, "checks"));
}

/** Bounds of texts and numbers, where they hold with equality. */
function limits(def: unknown, words: Readonly<Record<string, string>>): JsonObject {
  const out: JsonObject = {};
  for (const check of checks(def)) {
    const word = words[textField(check, "kind") ?? ""];
    const value = field(check, "value");
    if (word !== undefined && typeof value === "number" && field(check, "inclusive") !== false)
      out[word] = value;
  }
  return out;
}

/** A TypeScript enum holds its numbers as names too. */
function nativeValues(values: unknown): unknown[] {
  if (!isObject(values)) return [];
  return Object.values(values).filter(
    (value) => !(typeof value === "string" && typeof values[value] === "number"),
  );
}

function json(values: readonly unknown[]): JsonValue[] {
  return values.filter((value): value is string | number | boolean | null | JsonObject => {
    return (
      value === null ||
      ["string", "number", "boolean"].includes(typeof value) ||
      isObject(value) ||
      Array.isArray(value)
    );
  });
}
