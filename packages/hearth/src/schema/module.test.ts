import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ToolDefinitionError } from "../protocol/index.ts";
import { describeModule, loadToolModule } from "./module.ts";

const folder = mkdtempSync(join(tmpdir(), "hearth-module-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

function write(source: string, name = `m${count++}.ts`): string {
  const file = join(folder, name);
  writeFileSync(file, source);
  return file;
}

test("each function, tool object and list of them is a tool; all else is not looked at", async () => {
  const file = write(`
const shared = (a: string) => a;
/** Adds. @param a first */
export function add(a: number) { return a; }
export const read = { name: "read_it", description: "Reads", parameters: { type: "object", properties: {} }, run: () => "x", effect: "none" };
export const more = [{ name: "one", run: () => 1 }, { name: "two", run: () => 2 }];
export { shared as renamed };
export class Helper {}
export const VERSION = "1.0";
export const options = { retries: 3 };
export default add;
`);
  const tools = await loadToolModule(file);
  assert.deepEqual(tools.map(({ name }) => name).sort(), ["add", "one", "read_it", "renamed", "two"]);
  assert.equal(tools.find(({ name }) => name === "read_it")?.effect, "none");
});

test("a default export goes by its own name, else by that of the file", async () => {
  assert.deepEqual(
    (await loadToolModule(write("export default function find(a: string) {}"))).map(({ name }) => name),
    ["find"],
  );
  const unnamed = write("/** Looks. */\nexport default (a: string) => a;", "look-up.ts");
  assert.deepEqual(
    (await loadToolModule(unnamed)).map(({ name, description }) => [name, description]),
    [["look-up", "Looks."]],
  );
});

test("a module is described with what its comments declare, and nothing that was not", async () => {
  const file = write(
    "/** Reads. @effect none @timeout 2.5 */\nexport function read(path = '.') { return path; }\nexport function write(path: string) {}",
  );
  assert.deepEqual(await describeModule(file), [
    {
      name: "read",
      description: "Reads.",
      parameters: {
        type: "object",
        properties: { path: { type: "string", default: "." } },
        additionalProperties: false,
      },
      effect: "none",
      timeoutMs: 2500,
    },
    {
      name: "write",
      description: "",
      parameters: {
        type: "object",
        properties: { path: { type: "string" } },
        required: ["path"],
        additionalProperties: false,
      },
    },
  ]);
});

test("the tools of a CommonJS module are the fields of its exports", async () => {
  const file = write(
    "/** @param {string} a */\nfunction f(a) {}\nmodule.exports = { f, VERSION: 1 };\n",
    "common.cjs",
  );
  const tools = await loadToolModule(file);
  assert.deepEqual(
    tools.map(({ name }) => name),
    ["f"],
  );
  assert.deepEqual(tools[0]?.parameters["properties"], { a: { type: "string" } });
});

const BROKEN: [source: string | undefined, message: RegExp, remedy: RegExp][] = [
  [undefined, /nowhere\.ts is not there/, /Give the path/],
  ["export const x = ;", /can't be parsed: /, /Mend the syntax/],
  ["export function f(a: string { }", /can't be parsed: /, /Mend the syntax/],
  ["export enum E { A }", /can't be run without a build/, /no enum/],
  ["", /exports nothing\./, /Export functions/],
  ["export const a = 1, b = 'x';", /exports no tool, only a, b\./, /Export functions/],
  ["export class A {}", /exports no tool, only A\./, /Export functions/],
  [
    'import "./missing.ts";\nexport function f() {}',
    /imports what is not there: Cannot find module/,
    /Install what is missing/,
  ],
  [
    'import "no-such-package-hearth";\nexport function f() {}',
    /imports what is not there: Cannot find package/,
    /Install/,
  ],
  ["throw new Error('no key\\nsecond line');", /failed while it was loaded: no key\./, /top level/],
  [
    "export const t = { name: 'a', parameters: { type: 'object' } };",
    /The tool a has no run function/,
    /run/,
  ],
  [
    "const r = () => 1;\nexport const a = { name: 'x', run: r }, b = { name: 'x', run: r };",
    /Two tools have the name x/,
    /Rename/,
  ],
];

test("a module that can't be used is one clear line with a remedy", async () => {
  for (const [source, message, remedy] of BROKEN) {
    const file = source === undefined ? join(folder, "nowhere.ts") : write(source);
    await assert.rejects(loadToolModule(file), (error: unknown) => {
      assert.ok(error instanceof ToolDefinitionError, String(error));
      assert.match(error.message, message);
      assert.match(error.remedy ?? "", remedy);
      assert.ok(!error.message.includes("\n"), error.message);
      return true;
    });
  }
  mkdirSync(join(folder, "sub"));
  await assert.rejects(loadToolModule(join(folder, "sub")), /is no file/);
  await assert.rejects(loadToolModule(write("x", "notes.txt")), /no module that Node can load/);
});

test("a file that changed after it was loaded is not taken for the running function", async () => {
  const file = write("export function f(a: string) {}");
  const [tool] = await loadToolModule(file);
  assert.ok(tool);
  writeFileSync(file, "// a new line\nexport function f(a: number, b: number) {}");
  await assert.rejects(
    loadToolModule(file),
    /is not the function that stands at .*: the file was changed after it was loaded/,
  );
});
