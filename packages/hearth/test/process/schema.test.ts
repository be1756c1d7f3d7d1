import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";

const folder = mkdtempSync(join(tmpdir(), "hearth-schema-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const room = new URL("../../src/schema/index.ts", import.meta.url).href;

/** What a program prints that uses the room. */
function run(code: string, flags: string[] = []): string {
  const file = join(folder, `program${Math.random().toString(36).slice(2)}.ts`);
  writeFileSync(file, `import { toolOf, toolsOf } from ${JSON.stringify(room)};\n${code}`);
  return execFileSync(process.execPath, [...flags, pathToFileURL(file).pathname], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

const ADD = "function add(a: number) { return a; }\n";

test("the parser is loaded only for plain functions", () => {
  const list = `import { registerHooks } from "node:module"; let acorn = 0; registerHooks({ resolve: (s, c, next) => { if (s.includes("acorn")) acorn++; return next(s, c); } });\n`;
  assert.equal(run(`${list}await toolsOf([{ name: "a", run: () => 1 }]); console.log(acorn);`).trim(), "0");
  assert.equal(run(`${list}${ADD}await toolsOf([add]); console.log(acorn > 0);`).trim(), "true");
});

test("where the permission model forbids the inspector, the remedy names the flag", () => {
  const code = `${ADD}try { await toolOf(add); console.log("described"); } catch (error) { console.log(error.name, error.message, error.remedy); }`;
  const root = ["--permission", "--allow-fs-read=*"];
  assert.match(
    run(code, root),
    /ToolDefinitionError The types of add can't be read: node --permission forbids the inspector.*--allow-inspector/,
  );
  assert.equal(run(code, [...root, "--allow-inspector"]).trim(), "described");
});

test("code without a file, and code that a loader compiled, are read or told why not", () => {
  const made = `const make = new Function("return function made(a) { return a }"); try { await toolOf(make()); } catch (error) { console.log(error.message); }`;
  assert.match(run(made), /the parameter "a" of made has no type/);
  const typed = `const f = (0, eval)("(/** Doc. @param {string} a */ function typed(a) { return a })"); console.log(JSON.stringify((await toolOf(f)).parameters.properties));`;
  assert.match(run(typed), /"type":"string"/);
  const transformed = `enum Kind { A = "a", B = "b" }\nfunction pick(kind: Kind) { return kind; }\nconsole.log(JSON.stringify((await toolOf(pick)).parameters.properties));`;
  assert.equal(
    run(transformed, ["--experimental-transform-types"]).trim(),
    '{"kind":{"type":"string","enum":["a","b"]}}',
  );
});
