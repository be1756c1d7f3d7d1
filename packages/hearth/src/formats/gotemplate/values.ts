import { GoTemplateError } from "./errors.ts";

/** A Go value as templates see it. A plain object is a map; `undefined` is a key that a map does not have. */
export type GoValue = string | number | boolean | null | undefined | GoValue[] | GoMap | GoStruct;

export interface GoMap {
  [key: string]: GoValue;
}

/** A struct: fields by name, and how it prints. Always true. */
export class GoStruct {
  readonly fields: ReadonlyMap<string, GoValue>;
  readonly text: () => string;
  constructor(fields: Readonly<Record<string, GoValue>>, text: () => string) {
    this.fields = new Map(Object.entries(fields));
    this.text = text;
  }
}

/** A map that prints as its own text (JSON) and can still be ranged over. */
export class GoPrintedMap extends GoStruct {
  readonly map: GoMap;
  constructor(map: GoMap, text: () => string) {
    super(map, text);
    this.map = map;
  }
}

export function truth(value: GoValue): boolean {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof GoPrintedMap) return Object.keys(value.map).length > 0;
  if (value instanceof GoStruct) return true;
  return typeof value === "object" ? Object.keys(value).length > 0 : Boolean(value);
}

/** How `{{ x }}` prints: Go's `%v`. */
export function print(value: GoValue, top = true): string {
  if (value === undefined) return top ? "<no value>" : "<nil>";
  if (value === null) return top ? "<no value>" : "<nil>";
  if (typeof value === "string") return value;
  if (typeof value === "number") return printNumber(value);
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => print(item, false)).join(" ")}]`;
  if (value instanceof GoStruct) return value.text();
  return `map[${Object.keys(value)
    .sort()
    .map((key) => `${key}:${print(value[key], false)}`)
    .join(" ")}]`;
}

function printNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 21) return String(value);
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

export function field(value: GoValue, name: string): GoValue {
  if (value instanceof GoPrintedMap) return value.fields.get(name);
  if (value instanceof GoStruct) {
    if (!value.fields.has(name)) throw new GoTemplateError(`can't evaluate field ${name}`);
    return value.fields.get(name);
  }
  if (value === null || value === undefined)
    throw new GoTemplateError(`nil pointer evaluating interface {}.${name}`);
  if (typeof value !== "object" || Array.isArray(value))
    throw new GoTemplateError(`can't evaluate field ${name}`);
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

/** The entries of a map, whether it prints by itself or not. */
export function mapOf(value: GoValue): GoMap | undefined {
  if (value instanceof GoPrintedMap) return value.map;
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof GoStruct)
    return undefined;
  return value;
}
