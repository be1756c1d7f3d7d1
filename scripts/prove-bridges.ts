/**
 * The claims about bridges, counted: the tests, and the corpus of signatures seen from outside (ajv in strict mode, defaults,
 * choices, items). Needs python3; says so where there is none.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findPython, pythonTools } from "@hearth/tools";
import { Ajv2020 } from "ajv/dist/2020.js";
import { exampleOf, isObject, type JsonObject, type Tool } from "hearth";

const corpus = fileURLToPath(new URL("../packages/tools/test/bridges/corpus.py", import.meta.url));
let failed = 0;

function report(what: string, passed: number, of: number): void {
  if (passed !== of) failed++;
  console.log(`${what}: ${passed} of ${of}`);
}

function properties({ parameters }: Tool): JsonObject[] {
  const found = parameters["properties"];
  return isObject(found) ? Object.values(found).filter(isObject) : [];
}

function tests(): void {
  const list = ["packages/tools/src/bridges", "packages/tools/test/process/bridges"];
  const args = ["--conditions=@hearth/source", "scripts/test.ts", ...list];
  const out = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 300_000 }).stdout;
  const count = (name: string): number =>
    [...out.matchAll(new RegExp(`^(?:ℹ|#) ${name} (\\d+)`, "gm"))].reduce((sum, [, n]) => sum + Number(n), 0);
  report("Tests of all bridges", count("pass"), count("tests"));
}

async function signatures(): Promise<void> {
  const found = await pythonTools(corpus);
  try {
    const ajv = new Ajv2020({ strict: true });
    const valid = found.tools.filter(({ parameters }) => {
      const validate = ajv.compile(parameters);
      return validate(exampleOf(parameters));
    });
    report(
      "Signatures with a schema that ajv takes in strict mode, and whose example holds",
      valid.length,
      17,
    );
    const fields = found.tools.flatMap(properties);
    const required = new Set(
      found.tools.flatMap(({ name, parameters }) =>
        (Array.isArray(parameters["required"]) ? parameters["required"] : []).map(
          (field) => `${name}.${String(field)}`,
        ),
      ),
    );
    const defaults = found.tools.flatMap((tool) =>
      Object.entries(Object(tool.parameters["properties"])).flatMap(([name, field]) =>
        isObject(field) && "default" in field ? [`${tool.name}.${name}`] : [],
      ),
    );
    report(
      "Parameters with a default that are not required",
      defaults.filter((one) => !required.has(one)).length,
      9,
    );
    report("Choices kept (Literal, Enum)", fields.filter((field) => "enum" in field).length, 4);
    report("Lists with their items", fields.filter((field) => "items" in field).length, 6);
    const open = (field: JsonObject): boolean =>
      Array.isArray(field["type"]) && field["type"].includes("null");
    report("Optional kept as nullable", fields.filter(open).length, 3);
  } finally {
    await found.close();
  }
}

try {
  findPython();
} catch (error) {
  console.log(`Skipped: ${error instanceof Error ? error.message : error}`);
  process.exit(0);
}
tests();
await signatures();
process.exitCode = failed === 0 ? 0 : 1;
