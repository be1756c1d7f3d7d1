import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadToolModule } from "../module.ts";
import { freezeSchemas } from "./freeze.ts";
import { frozenPath } from "./frozen.ts";

const folder = mkdtempSync(join(tmpdir(), "hearth-built-"));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "package.json"), '{"type":"module"}');
let count = 0;

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let out = "";
  do {
    const digit = rest & 31;
    rest >>>= 5;
    out += DIGITS[digit | (rest > 0 ? 32 : 0)];
  } while (rest > 0);
  return out;
}

/** A map with one segment for each built line: [column, source line, source column]. */
function mappings(lines: ([number, number, number] | undefined)[]): string {
  let line = 0;
  let column = 0;
  return lines
    .map((segment) => {
      if (!segment) return "";
      const text = vlq(segment[0]) + vlq(0) + vlq(segment[1] - line) + vlq(segment[2] - column);
      [, line, column] = segment;
      return text;
    })
    .join(";");
}

const SOURCE = `interface Options {
  /** How many. @minimum 1 */
  count: number;
}

/** Takes some. */
export function take(options: Options, unit: "kg" | "lb" = "kg") {
  return options.count + unit;
}
`;

/** Built by a bundler: another order, other names. */
const BUILT = `var x = 1;
function take2(o, n = "kg") { return o.count + n; }
export { take2 as take };
`;

const map = (extra: object): string =>
  JSON.stringify({
    version: 3,
    sources: ["src.ts"],
    names: [],
    mappings: mappings([undefined, [0, 6, 7]]),
    ...extra,
  });

const EXPECTED = {
  options: {
    type: "object",
    properties: { count: { type: "number", description: "How many.", minimum: 1 } },
    required: ["count"],
    additionalProperties: false,
  },
  unit: { type: "string", enum: ["kg", "lb"], default: "kg" },
};

async function load(built: string, files: Record<string, string> = {}): Promise<unknown> {
  const file = join(folder, `built${count++}.js`);
  writeFileSync(file, built);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const [tool] = await loadToolModule(file);
  assert.equal(tool?.description, "Takes some.");
  return tool?.parameters["properties"];
}

test("types are found through a source map, inline or beside, with or without the source in it", async () => {
  const inline = Buffer.from(map({ sourcesContent: [SOURCE] })).toString("base64");
  assert.deepEqual(
    await load(`${BUILT}//# sourceMappingURL=data:application/json;base64,${inline}\n`),
    EXPECTED,
  );
  const beside = { "beside.js.map": map({ sourcesContent: [SOURCE] }) };
  assert.deepEqual(await load(`${BUILT}//# sourceMappingURL=beside.js.map\n`, beside), EXPECTED);
  const apart = { "apart.js.map": map({}), "src.ts": SOURCE };
  assert.deepEqual(await load(`${BUILT}//# sourceMappingURL=apart.js.map\n`, apart), EXPECTED);
  const rooted = { "rooted.js.map": map({ sourceRoot: "./" }) };
  assert.deepEqual(await load(`${BUILT}//# sourceMappingURL=rooted.js.map\n`, rooted), EXPECTED);
});

test("a map that leads nowhere is told, and what the script itself says is used where it is enough", async () => {
  const missing = { "missing.js.map": map({ sources: ["gone.ts"] }) };
  await assert.rejects(
    load(`${BUILT}//# sourceMappingURL=missing.js.map\n`, missing),
    /the parameter "o" of take has no type/,
  );
  await assert.rejects(
    load(`${BUILT}//# sourceMappingURL=never.js.map\n`),
    /the parameter "o" of take has no type/,
  );
  const documented = BUILT.replace(
    "function",
    "/** Takes some. @param {{count: number}} o @param {string} n */ function",
  );
  assert.deepEqual(Object.keys((await load(`${documented}//# sourceMappingURL=never.js.map\n`)) as object), [
    "o",
    "n",
  ]);
});

test("built code without a map is described by its frozen schemas", async () => {
  const source = join(folder, "frozen.ts");
  writeFileSync(
    source,
    `${SOURCE}/** Helps. */\nexport const help = (a?: string) => a;\nfunction hidden(a: unknown) {}\n`,
  );
  const built = join(folder, "frozen.js");
  writeFileSync(
    built,
    'export function take(options, unit = "kg") { return options.count + unit; }\nexport const help = (a) => a;\n',
  );
  const done = await freezeSchemas([source], frozenPath(built));
  assert.deepEqual(done.frozen, ["take", "help"]);
  assert.match(done.left[0]?.why ?? "", /"a" of hidden has the type unknown/);
  const tools = await loadToolModule(built);
  const take = tools.find(({ name }) => name === "take");
  assert.deepEqual(take?.parameters["properties"], EXPECTED);
  const signal = new AbortController().signal;
  const context = { signal, runId: "", callId: "", workspace: "", output() {} };
  assert.equal(await take?.run({ options: { count: 2 }, unit: "lb" }, context), "2lb");
});

test("frozen schemas of another function are not used, and broken ones are told", async () => {
  const built = join(folder, "stale.js");
  writeFileSync(built, "export function take(options) {}\n");
  const entry = {
    function: "take",
    signature: "options,unit=",
    name: "take",
    description: "",
    parameters: {},
    slots: [],
  };
  writeFileSync(frozenPath(built), JSON.stringify({ version: 1, functions: [entry] }));
  await assert.rejects(loadToolModule(built), /"options" of take has no type/);
  writeFileSync(frozenPath(built), '{"version":1,"functions":[{}]}');
  await assert.rejects(loadToolModule(built), /take has frozen schemas that can't be read/);
});

test("an exported and documented function that can't be frozen stops the build", async () => {
  const source = join(folder, "bad.ts");
  writeFileSync(source, "/** Doc. */\nexport function bad(when: Date) {}\n");
  await assert.rejects(
    freezeSchemas([source], join(folder, "bad.tools.json")),
    /bad\.ts:2: the parameter "when" of bad has the type Date/,
  );
  await assert.rejects(
    freezeSchemas([join(folder, "none.ts")], join(folder, "none.tools.json")),
    /none\.ts can't be read/,
  );
});
