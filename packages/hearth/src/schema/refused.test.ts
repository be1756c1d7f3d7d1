import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ToolDefinitionError } from "../protocol/index.ts";
import { loadToolModule } from "./module.ts";

const folder = mkdtempSync(join(tmpdir(), "hearth-refused-"));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "package.json"), '{"type":"module"}');
writeFileSync(join(folder, "types.ts"), "export type Unit = string;\n");
let count = 0;

async function toolFrom(source: string): Promise<void> {
  const file = join(folder, `case${count++}.ts`);
  writeFileSync(file, source);
  await loadToolModule(file);
}

/** What can't be a tool as it stands, and what is said of it. `ANY` stands for the type of that name. */
const REFUSED: [source: string, message: RegExp][] = [
  [
    "export function f(a: ANY) {}",
    /case\d+\.ts:1: the parameter "a" of f has the type any, which says nothing of the value\.$/,
  ],
  ["export function f(a: string,\n  b: unknown) {}", /:2: the parameter "b" of f has the type unknown/],
  ["export function f(a) {}", /:1: the parameter "a" of f has no type/],
  ["export function f(a: object) {}", /type object, which says nothing/],
  ["export function f(a: {}) {}", /type \{\}, which says nothing/],
  ["export function f(a: bigint) {}", /type bigint, which JSON does not have/],
  [
    "export function f(a: Date) {}",
    /type Date, which has no JSON form \(take a string with @format date-time\)/,
  ],
  ["export function f(a: Map<string, number>) {}", /type Map<string, number>, which has no JSON form/],
  ["export function f(a: () => void) {}", /JSON has no functions/],
  ["export function f<T>(a: T) {}", /type parameter T .*generic function/],
  ["export const f = <T,>(a: T[]) => a;", /type parameter T/],
  ["export function f(a: Nowhere) {}", /type Nowhere, which is not found/],
  [
    'import type { Foo } from "pkg";\nexport function f(a: Foo) {}',
    /type Foo, which comes from "pkg", and only relative imports/,
  ],
  [
    'import type { Foo } from "./nowhere.ts";\nexport function f(a: Foo) {}',
    /comes from "\.\/nowhere\.ts", which is not there/,
  ],
  ['import type { Foo } from "./types.ts";\nexport function f(a: Foo) {}', /type Foo, which is not found/],
  ["class K { x = 1 }\nexport function f(a: K) {}", /a class/],
  [
    "interface O { a: { when: Date }[] }\nexport function f(o: O) {}",
    /:1: the parameter "a\.when" of f has the type Date/,
  ],
  ["interface O { run(): void }\nexport function f(o: O, b: string) {}", /"o" of f has a method \(run\)/],
  ["type A<T> = T extends string ? 1 : 2;\nexport function f(a: A<string>) {}", /conditional type/],
  ["type G<T> = { v: T; more: G<T[]> };\nexport function f(a: G<string>, b: string) {}", /nests more than/],
  ["export function f({ a }) {}", /has a field a without a type/],
  ["export function f(x: string, { a }: { a: string }) {}", /number 2\) is taken apart and so has no name/],
  ["class K { n = 1; f(a: string) { return this.n; } }\nexport const f = new K().f;", /f uses `this`/],
  ["export const f = ((a: string) => a).bind(null);", /f is a bound function/],
  ["export const f = Math.max;", /f is native code/],
  ["/** @minimum 3 */\nexport function f(a: number) {}", /@minimum before any @param/],
  [
    "/** @param a @minimum 3 */\nexport function f(a: string) {}",
    /"a" of f has a tag that can't be used: @minimum is for numbers/,
  ],
  ["/** @param a @minimum lots */\nexport function f(a: number) {}", /@minimum needs a number, not "lots"/],
  ["/** @param a @pattern ( */\nexport function f(a: string) {}", /@pattern \( is no regular expression/],
  [
    "/** @effect maybe */\nexport function f(a: string) {}",
    /@effect maybe, and it is one of none, idempotent, once/,
  ],
  ["/** @timeout soon */\nexport function f(a: string) {}", /@timeout soon, and it is a number of seconds/],
  ["export function f(a: unique symbol) {}", /has no JSON form|JSON does not have/],
  ["export function $f(a: string) {}", /a name that engines do not take/],
  ["export function f(a: Record<number, string>) {}", /keys are no strings/],
  ["export function f(a: never) {}", /has no value/],
];

test(`${REFUSED.length} signatures that say too little are refused with place, parameter and remedy`, async () => {
  for (const [source, message] of REFUSED) {
    await assert.rejects(
      toolFrom(source.replaceAll("ANY", "any")),
      (error: unknown) => {
        assert.ok(error instanceof ToolDefinitionError, `${source}: ${error}`);
        assert.match(error.message, message, source);
        assert.ok(!error.message.includes("\n"));
        assert.match(error.remedy ?? "", /tool\(\{ name: "\$?f", /, source);
        return true;
      },
      source,
    );
  }
});

test("what to write instead names the parameters", async () => {
  await assert.rejects(toolFrom("export function f(when: Date, { x }: { x: string }) {}"), {
    remedy:
      'Write it out: tool({ name: "f", description: "…", parameters: { type: "object", properties: { when: { type: "string" }, x: { type: "string" } }, required: ["when", "x"], additionalProperties: false }, run: ({ when, x }) => f(…) })',
  });
});
