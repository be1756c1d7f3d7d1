import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { JsonObject, JsonSchema, Tool } from "../protocol/index.ts";
import { loadToolModule } from "./module.ts";

const folder = mkdtempSync(join(tmpdir(), "hearth-corpus-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Types that the cases import. */
writeFileSync(join(folder, "package.json"), '{"type":"module"}');
writeFileSync(
  join(folder, "types.ts"),
  `/** A place on earth. */
export interface Place {
  /** Degrees north. @minimum -90 @maximum 90 */
  lat: number;
  lon: number;
}
export type Unit = "celsius" | "fahrenheit";
export default interface Main { id: string }
export const LEVELS = ["low", "high"] as const;
export namespace Unused {}
export type Box<T> = { value: T; label?: string };
`.replace("export namespace Unused {}\n", ""),
);
writeFileSync(
  join(folder, "again.ts"),
  'export * from "./types.ts";\nexport type { Place as Spot } from "./types.js";\n',
);

const str = { type: "string" };
const num = { type: "number" };
const int = { type: "integer" };
const bool = { type: "boolean" };
const nil = { type: "null" };
const list = (items: JsonObject): JsonObject => ({ type: "array", items });
const words = (...values: string[]): JsonObject => ({ type: "string", enum: values });

/** A closed object; a key that ends in `?` is not required. */
function obj(fields: Record<string, JsonObject>): JsonSchema {
  const properties: JsonObject = {};
  const required: string[] = [];
  for (const [key, schema] of Object.entries(fields)) {
    properties[key.replace(/\?$/, "")] = schema;
    if (!key.endsWith("?")) required.push(key);
  }
  const schema: JsonSchema = { type: "object", properties };
  if (required.length > 0) schema["required"] = required;
  return { ...schema, additionalProperties: false };
}

const place = obj({
  lat: { type: "number", description: "Degrees north.", minimum: -90, maximum: 90 },
  lon: num,
});
const described = { ...place, description: "A place on earth." };
const flat = (schema: JsonSchema): Record<string, JsonObject> =>
  schema["properties"] as Record<string, JsonObject>;

/** A function, and the fields its tool takes. `f` is the name in all. */
const TYPESCRIPT: [source: string, fields: Record<string, JsonObject>][] = [
  ["export function f() {}", {}],
  ["export function f(a: string, b: number, c: boolean) {}", { a: str, b: num, c: bool }],
  ["export const f = (a: string) => a;", { a: str }],
  ["export const f = async (a: string): Promise<string> => a;", { a: str }],
  ["export async function f(a: string) {}", { a: str }],
  ["export function* f(a: string) {}", { a: str }],
  ["export const f = function (a: string) {};", { a: str }],
  ["export const f = function inner(a: string) {};", { a: str }],
  ["class K { static f(a: string) {} }\nexport const f = K.f;", { a: str }],
  ["class K { f(a: string) {} }\nexport const f = new K().f;", { a: str }],
  ["const o = { f(a: string) {} };\nexport const f = o.f;", { a: str }],
  ["const o = { async f(a: string) {} };\nexport const f = o.f;", { a: str }],
  ["const o = { f: (a: string) => a };\nexport const f = o.f;", { a: str }],
  ["class K { static f = (a: string) => a; }\nexport const f = K.f;", { a: str }],
  [
    "function make(n: number) { type L = 'x' | 'y'; return (a: L) => n; }\nexport const f = make(1);",
    { a: words("x", "y") },
  ],
  ["const inner = (a: string) => a;\nexport { inner as f };", { a: str }],
  ["export const f = ((a: string) => a) as (a: string) => string;", { a: str }],
  ["export const f: (a: string, b?: number) => void = (a, b) => {};", { a: str, "b?": num }],
  ["type Op = (a: string) => void;\nexport const f = ((a) => {}) satisfies Op;", { a: str }],
  ["export function f<T>(a: string): T | undefined { return undefined; }", { a: str }],
  ["export function f(this: void, a: string) {}", { a: str }],
  ["export function f(a: string, signal: AbortSignal) {}", { a: str }],
  [
    'import type { ToolContext } from "hearth";\nexport function f(a: string, context: ToolContext) {}',
    { a: str },
  ],
  // Values
  ['export function f(a: "x" | "y") {}', { a: words("x", "y") }],
  ['export function f(a: "x") {}', { a: { type: "string", const: "x" } }],
  ["export function f(a: 1 | 2 | -3) {}", { a: { type: "number", enum: [1, 2, -3] } }],
  ['export function f(a: "x" | 1 | true) {}', { a: { enum: ["x", 1, true] } }],
  ["export function f(a: true | false) {}", { a: bool }],
  ["export function f(a: string | null) {}", { a: { anyOf: [str, nil] } }],
  ['export function f(a: null | "x" | "y") {}', { a: { anyOf: [words("x", "y"), nil] } }],
  ["export function f(a: string | number) {}", { a: { anyOf: [str, num] } }],
  ['export function f(a: "x" | (string & {})) {}', { a: str }],
  ["export function f(a: string | undefined) {}", { "a?": str }],
  ["export function f(a: string & { readonly __brand: 'Id' }) {}", { a: str }],
  ["export function f(a: `v${" + "number}`) {}", { a: { type: "string", pattern: "^v-?\\d+(?:\\.\\d+)?$" } }],
  ["export function f(a: `plain`) {}", { a: { type: "string", const: "plain" } }],
  // Optional and default
  ["export function f(a: string, b?: number) {}", { a: str, "b?": num }],
  [
    'export function f(a: string = "x", b = 5, c = true) {}',
    { "a?": { ...str, default: "x" }, "b?": { ...num, default: 5 }, "c?": { ...bool, default: true } },
  ],
  [
    "export function f(a: number = -1, b: number = 60 * 1000) {}",
    { "a?": { ...num, default: -1 }, "b?": { ...num, default: 60000 } },
  ],
  ["export function f(a: string | null = null) {}", { "a?": { anyOf: [str, nil], default: null } }],
  [
    'export function f(a: string[] = ["x"], b: { c: number } = { c: 1 }) {}',
    { "a?": { ...list(str), default: ["x"] }, "b?": { ...obj({ c: num }), default: { c: 1 } } },
  ],
  ["const N = 7;\nexport function f(a = N) {}", { "a?": { ...num, default: 7 } }],
  ["export function f(a: number = Date.now()) {}", { "a?": num }],
  ["export function f(a: string | undefined = undefined) {}", { "a?": str }],
  [
    'export function f(a: "x" | "y" = "x", b: number) {}',
    { "a?": { ...words("x", "y"), default: "x" }, b: num },
  ],
  // Lists
  [
    "export function f(a: string[], b: Array<number>, c: readonly boolean[], d: ReadonlyArray<string>) {}",
    { a: list(str), b: list(num), c: list(bool), d: list(str) },
  ],
  ["export function f(a: string[][]) {}", { a: list(list(str)) }],
  ["export function f(a: (string | number)[]) {}", { a: list({ anyOf: [str, num] }) }],
  [
    "export function f(a: [string, number]) {}",
    { a: { type: "array", prefixItems: [str, num], items: false, minItems: 2, maxItems: 2 } },
  ],
  [
    "export function f(a: readonly [x: string, y?: number]) {}",
    {
      a: {
        type: "array",
        prefixItems: [
          { ...str, description: "x" },
          { ...num, description: "y" },
        ],
        items: false,
        minItems: 1,
        maxItems: 2,
      },
    },
  ],
  [
    "export function f(a: [string, ...number[]]) {}",
    { a: { type: "array", prefixItems: [str], items: num, minItems: 1 } },
  ],
  ["export function f(a: string, ...b: number[]) {}", { a: str, "b?": list(num) }],
  // Objects
  [
    "export function f(a: { b: string; c?: number }, d: string) {}",
    { a: obj({ b: str, "c?": num }), d: str },
  ],
  ["export function f(o: { b: string; c?: number }) {}", { b: str, "c?": num }],
  ["export function f({ b, c = 3 }: { b: string; c?: number }) {}", { b: str, "c?": { ...num, default: 3 } }],
  ["export function f({ b: x, ...rest }: { b: string; c: number }) {}", { b: str, c: num }],
  [
    "export const f = ({ a = 1, b = 'x' }) => a;",
    { "a?": { ...num, default: 1 }, "b?": { ...str, default: "x" } },
  ],
  [
    "interface O { b: string; readonly c: number[]; 'd-e'?: boolean }\nexport function f(o: O) {}",
    { b: str, c: list(num), "d-e?": bool },
  ],
  [
    "interface A { x: number }\ninterface B extends A { y: number }\nexport function f(o: B) {}",
    { x: num, y: num },
  ],
  ["interface A { x: number }\ninterface A { y: string }\nexport function f(o: A) {}", { x: num, y: str }],
  ["type A = { x: number } & { y: string };\nexport function f(o: A) {}", { x: num, y: str }],
  ["interface A { x: number; y: string }\nexport function f(o: Partial<A>) {}", { "x?": num, "y?": str }],
  ["interface A { x?: number; y: string }\nexport function f(o: Required<A>) {}", { x: num, y: str }],
  [
    "interface A { x: number; y: string }\nexport function f(o: Pick<A, 'x'>, z: Omit<A, 'x'>) {}",
    { o: obj({ x: num }), z: obj({ y: str }) },
  ],
  [
    "interface A { x: number; y: string }\nexport function f(o: Omit<A, 'x'> & { z?: boolean }) {}",
    { y: str, "z?": bool },
  ],
  ["export function f(a: Record<string, number>) {}", { a: { type: "object", additionalProperties: num } }],
  ["export function f(a: Record<'x' | 'y', number>, b: string) {}", { a: obj({ x: num, y: num }), b: str }],
  [
    "export function f(a: { [key: string]: string[] }) {}",
    { a: { type: "object", additionalProperties: list(str) } },
  ],
  [
    "export function f(a: { [K in 'x' | 'y']?: K }, b: string) {}",
    { a: obj({ "x?": { type: "string", const: "x" }, "y?": { type: "string", const: "y" } }), b: str },
  ],
  [
    "type Maybe<T> = T | null;\ntype Pair<A, B = string> = { a: A; b: Maybe<B> };\nexport function f(p: Pair<number>) {}",
    { a: num, b: { anyOf: [str, nil] } },
  ],
  [
    "export function f(a: NonNullable<string | null>, b: Exclude<'x' | 'y' | 'z', 'y'>, c: Extract<'x' | 'y', 'x'>) {}",
    { a: str, b: words("x", "z"), c: { type: "string", const: "x" } },
  ],
  ["export function f(a: Readonly<{ x: number }>, b: string) {}", { a: obj({ x: num }), b: str }],
  [
    "interface U { name: string; age: number }\nexport function f(a: U['name'], b: keyof U, c: U['name' | 'age']) {}",
    { a: str, b: words("name", "age"), c: { anyOf: [str, num] } },
  ],
  ["const L = ['x', 'y'] as const;\nexport function f(a: (typeof L)[number]) {}", { a: words("x", "y") }],
  [
    "const M = { x: 1, y: 2 } as const satisfies object;\nexport function f(a: keyof typeof M, b: (typeof M)[keyof typeof M]) {}",
    { a: words("x", "y"), b: { type: "number", enum: [1, 2] } },
  ],
  // Imported
  [
    'import type { Unit } from "./types.ts";\nexport function f(a: Unit) {}',
    { a: words("celsius", "fahrenheit") },
  ],
  [
    'import type { Place as P } from "./types.js";\nexport function f(a: P, b: string) {}',
    { a: described, b: str },
  ],
  [
    'import type { Spot, Unit } from "./again.ts";\nexport function f(a: Spot, b: Unit) {}',
    { a: described, b: words("celsius", "fahrenheit") },
  ],
  ['import type Main from "./types.ts";\nexport function f(o: Main) {}', { id: str }],
  ['import type * as t from "./types.ts";\nexport function f(o: t.Place) {}', flat(place)],
  ['export function f(o: import("./types.ts").Place) {}', flat(place)],
  [
    'import { LEVELS } from "./types.ts";\nexport function f(a: (typeof LEVELS)[number]) {}',
    { a: words("low", "high") },
  ],
  [
    'import type { Box, Place } from "./types.ts";\nexport function f(o: Box<Place[]>) {}',
    { value: list(described), "label?": str },
  ],
  // Integers and limits
  ["type integer = number;\nexport function f(a: integer, b: integer[]) {}", { a: int, b: list(int) }],
  [
    "/** @param {integer} a how many */\nexport function f(a: number) {}",
    { a: { ...int, description: "how many" } },
  ],
  [
    "/** @param a how many @integer @minimum 0 @maximum 9 @param b no limit */\nexport function f(a: number, b: number) {}",
    {
      a: { ...int, minimum: 0, maximum: 9, description: "how many" },
      b: { ...num, description: "no limit" },
    },
  ],
  [
    "interface O {\n  /** How many. @integer @default 3 */ n: number;\n  /** @minLength 1 @pattern ^\\w+@\\w+$ @title Mail @example a@b */ m: string }\nexport function f(o: O) {}",
    {
      "n?": { ...int, default: 3, description: "How many." },
      m: { ...str, minLength: 1, pattern: "^\\w+@\\w+$", title: "Mail", examples: ["a@b"] },
    },
  ],
  [
    "export function f(/** The first. */ a: string, /** @maxItems 3 */ b: string[]) {}",
    { a: { ...str, description: "The first." }, b: { ...list(str), maxItems: 3 } },
  ],
  [
    "/** @param a @minimum 1 */\nexport function f(a: number | null) {}",
    { a: { anyOf: [{ ...num, minimum: 1 }, nil] } },
  ],
  [
    "/** @param o.a first @param b second */\nexport function f(o: { a: string; b: string }) {}",
    { a: { ...str, description: "first" }, b: { ...str, description: "second" } },
  ],
];

let count = 0;

async function toolFrom(source: string, ending = "ts"): Promise<Tool> {
  const file = join(folder, `case${count++}.${ending}`);
  writeFileSync(file, source);
  const tools = await loadToolModule(file);
  const [tool] = tools;
  assert.ok(tool && tools.length === 1, source);
  return tool;
}

// Strict, but for `strictTuples`: it refuses every tuple with an optional or a rest element.
const ajv = new Ajv2020({ strict: true, strictTuples: false });

test(`${TYPESCRIPT.length} TypeScript signatures give the schema of their types`, async () => {
  for (const [source, fields] of TYPESCRIPT) {
    const tool = await toolFrom(source);
    assert.equal(tool.name, "f");
    assert.deepEqual(tool.parameters, { ...obj(fields) }, source);
    ajv.compile(tool.parameters);
  }
});

const JAVASCRIPT: [source: string, fields: Record<string, JsonObject>][] = [
  [
    "/** @param {string} a first @param {number} [b=5] second */\nexport function f(a, b = 5) {}",
    { a: { ...str, description: "first" }, "b?": { ...num, description: "second", default: 5 } },
  ],
  [
    "/**\n * @param {integer} a - how many\n * @param {string=} b\n * @param {?boolean} c\n */\nexport const f = (a, b, c) => a;",
    { a: { ...int, description: "how many" }, "b?": str, c: { anyOf: [bool, nil] } },
  ],
  [
    "/** @param {string[]} a @param {Array<number>} b @param {Object<string, boolean>} c @param {Array.<string>} d */\nexport function f(a, b, c, d) {}",
    { a: list(str), b: list(num), c: { type: "object", additionalProperties: bool }, d: list(str) },
  ],
  [
    "/** @param {'x'|'y'} a @param {{b: string, c?: number}} o */\nexport function f(a, o) {}",
    { a: words("x", "y"), o: obj({ b: str, "c?": num }) },
  ],
  [
    "/**\n * @param {object} options\n * @param {string} options.path where\n * @param {number} [options.depth=2]\n */\nexport function f({ path, depth = 2 }) {}",
    { path: { ...str, description: "where" }, "depth?": { ...num, default: 2 } },
  ],
  [
    "/**\n * @param {Object} o\n * @param {string} o.path\n * @param {Object} o.more\n * @param {boolean} o.more.deep\n */\nexport function f(o) {}",
    { path: str, more: obj({ deep: bool }) },
  ],
  [
    "/**\n * @typedef {Object} User A person.\n * @property {string} name Full name\n * @property {integer} [age]\n */\n/** @param {User} user @param {string} note */\nexport function f(user, note) {}",
    { user: obj({ name: { ...str, description: "Full name" }, "age?": int }), note: str },
  ],
  [
    "/** @typedef {'a' | 'b'} Kind */\n/** @param {Kind} kind @param {import('./types.ts').Place} at */\nexport function f(kind, at) {}",
    { kind: words("a", "b"), at: described },
  ],
  ["/** @type {(a: string, b?: number) => void} */\nexport const f = (a, b) => {};", { a: str, "b?": num }],
  ["export function f(/** @type {string} */ a) {}", { a: str }],
  ["/** @param {...number} a */\nexport function f(...a) {}", { "a?": list(num) }],
  ["export function f(a = 1, b = 'x') {}", { "a?": { ...num, default: 1 }, "b?": { ...str, default: "x" } }],
];

test(`${JAVASCRIPT.length} JavaScript signatures give the schema of their comments`, async () => {
  for (const [source, fields] of JAVASCRIPT) {
    const tool = await toolFrom(source, "js");
    assert.deepEqual(tool.parameters, obj(fields), source);
    ajv.compile(tool.parameters);
  }
});

test("a type that holds itself becomes a definition", async () => {
  const tool = await toolFrom(
    "interface Tree { name: string; kids: Tree[] }\nexport function f(tree: Tree, depth: number) {}",
  );
  const tree = obj({ name: str, kids: list({ $ref: "#/$defs/Tree" }) });
  assert.deepEqual(tool.parameters, {
    ...obj({ tree: { $ref: "#/$defs/Tree" }, depth: num }),
    $defs: { Tree: tree },
  });
  const whole = await toolFrom(
    "type Json = string | Json[];\ninterface Tree { kids: Tree[]; data?: Json }\nexport function f(tree: Tree) {}",
  );
  assert.deepEqual(whole.parameters["required"], ["kids"]);
  for (const { parameters } of [tool, whole]) ajv.compile(parameters);
});
