import { checkArguments, type JsonObject, type JsonSchema, type JsonValue } from "hearth";

declare const fits: unique symbol;

/** A JSON Schema that knows the TypeScript type of what fits it: one source for validation, types and `/openapi.json`. */
export interface Shape<T> {
  readonly schema: JsonSchema;
  /** Whether the field may be left out; clients also send `null` then. */
  readonly optional?: true;
  readonly [fits]?: T;
}

interface Optional<T> extends Shape<T> {
  readonly optional: true;
}

export type Of<S> = S extends Shape<infer T> ? T : never;

type Fields = Record<string, Shape<unknown>>;
type OptionalKey<F extends Fields> = {
  [K in keyof F]: F[K] extends { readonly optional: true } ? K : never;
}[keyof F];
type Fitting<F extends Fields> = {
  [K in Exclude<keyof F, OptionalKey<F>>]: Of<F[K]>;
} & { [K in OptionalKey<F>]?: Of<F[K]> | null };

const shape = <T>(schema: JsonSchema): Shape<T> => ({ schema });

export const text = (description?: string): Shape<string> =>
  shape(described({ type: "string" }, description));

/** A text that is not empty. */
export const name = (description?: string): Shape<string> =>
  shape(described({ type: "string", minLength: 1 }, description));

export const bool = (description?: string): Shape<boolean> =>
  shape(described({ type: "boolean" }, description));

export const number = (bounds: { minimum?: number; maximum?: number } = {}, description?: string) =>
  shape<number>(described({ type: "number", ...bounds }, description));

export const integer = (bounds: { minimum?: number; maximum?: number } = {}, description?: string) =>
  shape<number>(described({ type: "integer", ...bounds }, description));

export function oneOf<const V extends string>(...values: V[]): Shape<V> {
  return shape(
    values.length === 1 ? { type: "string", const: values[0] ?? "" } : { type: "string", enum: values },
  );
}

export const list = <T>(item: Shape<T>, bounds: { minItems?: number } = {}, description?: string) =>
  shape<T[]>(described({ type: "array", items: item.schema, ...bounds }, description));

/** Any JSON object. */
export const record = (description?: string): Shape<JsonObject> =>
  shape(described({ type: "object" }, description));

export const anything = (description?: string): Shape<JsonValue> => shape(described({}, description));

export function either<S extends Shape<unknown>[]>(...shapes: S): Shape<Of<S[number]>> {
  return shape({ anyOf: shapes.map((one) => one.schema) });
}

/** May be left out, or `null`. */
export function optional<T>(of: Shape<T>): Optional<T> {
  const { schema } = of;
  const nullable =
    typeof schema["type"] === "string" && schema["enum"] === undefined && schema["const"] === undefined
      ? { ...schema, type: [schema["type"], "null"] }
      : Object.keys(schema).length === 0
        ? schema
        : { anyOf: [schema, { type: "null" }] };
  return { schema: nullable, optional: true };
}

/** An object; fields it does not know are let through unless it is `closed`. */
export function object<F extends Fields>(fields: F, options: { closed?: boolean } = {}): Shape<Fitting<F>> {
  const names = Object.keys(fields);
  const required = names.filter((key) => fields[key]?.optional !== true);
  return shape({
    type: "object",
    properties: Object.fromEntries(names.map((key) => [key, fields[key]?.schema])),
    ...(required.length === 0 ? {} : { required }),
    ...(options.closed === true ? { additionalProperties: false } : {}),
  });
}

/** What is wrong with a value, and in which field. */
export interface Misfit {
  /** `messages[0].role`; empty for the value itself. */
  path: string;
  message: string;
}

/** The value as its type, or the first thing that is wrong with it. */
export function fit<T>(of: Shape<T>, value: unknown): { value: T } | { misfit: Misfit } {
  const checked = checkArguments(of.schema, value, { coerce: false });
  if (checked.ok) return { value: value as T };
  const fault = checked.faults[0];
  const path = fault?.path ?? "";
  const where = path === "" ? "The body" : `\`${path}\``;
  const message =
    fault === undefined
      ? "The body does not fit."
      : fault.got === "nothing"
        ? `${where} is missing: it must be ${fault.expected}.`
        : fault.expected.startsWith("no such field")
          ? `${where} is not known here (${fault.expected}).`
          : `${where} must be ${fault.expected}, not ${fault.got}.`;
  return { misfit: { path, message } };
}

function described(schema: JsonSchema, description: string | undefined): JsonSchema {
  return description === undefined ? schema : { ...schema, description };
}
