/**
 * The claims about MCP, counted: the tests of both sides, the protocol's own conformance suite, and its inspector against
 * `hearth mcp`. The last two are fetched from npm into a temporary folder; where that can't be, they are skipped by name.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PACKAGES = {
  "@modelcontextprotocol/conformance": "0.1.16",
  "@modelcontextprotocol/inspector": "2.12.0",
};
/** Scenarios that concern a client that calls tools; the others are about logging in, which is not offered. */
const CLIENT = ["initialize", "tools_call", "sse-retry"];
/** Scenarios that concern a server of tools whose results are text. */
const SERVER = [
  "server-initialize",
  "ping",
  "tools-list",
  "tools-call-simple-text",
  "tools-call-error",
  "tools-call-with-progress",
  "json-schema-2020-12",
];
const TESTS = [
  "packages/tools/src/mcp",
  "packages/tools/src/children",
  "packages/tools/test/process/mcp",
  "packages/cli/test/process/mcp",
];
const NODE = [process.execPath, "--conditions=@hearth/source"];
let failed = 0;

function report(what: string, passed: number, of: number, note = ""): void {
  if (passed !== of) failed++;
  console.log(`${what}: ${passed} of ${of}${note === "" ? "" : ` (${note})`}`);
}

function run([program = "", ...args]: readonly string[], timeout = 120_000): { ok: boolean; out: string } {
  const done = spawnSync(program, args, { encoding: "utf8", timeout });
  return { ok: done.status === 0, out: `${done.stdout}${done.stderr}` };
}

/** The folder with the protocol's own programs, or undefined. */
function fetched(): string | undefined {
  const folder = join(tmpdir(), `hearth-mcp-${Object.values(PACKAGES).join("-")}`);
  if (existsSync(join(folder, "node_modules"))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: PACKAGES }));
  const { ok } = run(
    ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"],
    300_000,
  );
  return ok ? folder : undefined;
}

function ownTests(): void {
  const { out } = run([...NODE, "scripts/test.ts", ...TESTS], 300_000);
  const count = (name: string): number =>
    [...out.matchAll(new RegExp(`^(?:ℹ|#) ${name} (\\d+)`, "gm"))].reduce((sum, [, n]) => sum + Number(n), 0);
  report("Tests of client and server, hostile servers among them", count("pass"), count("tests"));
}

function clientConformance(folder: string): void {
  const command = [...NODE, "scripts/mcp/conformance-client.ts"].join(" ");
  const suite = join(folder, "node_modules/@modelcontextprotocol/conformance/dist/index.js");
  const results = CLIENT.map((scenario) => {
    const { ok, out } = run([
      process.execPath,
      suite,
      "client",
      "--command",
      command,
      "--scenario",
      scenario,
    ]);
    console.log(`  client ${scenario}: ${ok ? "passed" : `failed\n${out}`}`);
    return ok;
  });
  report("Conformance suite, client scenarios", results.filter(Boolean).length, results.length);
}

async function serverConformance(folder: string): Promise<void> {
  const [program = "", ...args] = NODE;
  const child = spawn(program, [...args, "scripts/mcp/conformance-server.ts"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const url = await new Promise<string>((resolve) =>
      createInterface({ input: child.stdout }).once("line", resolve),
    );
    const suite = join(folder, "node_modules/@modelcontextprotocol/conformance/dist/index.js");
    const results: boolean[] = [];
    for (const scenario of SERVER) {
      const { ok, out } = await background([
        process.execPath,
        suite,
        "server",
        "--url",
        url,
        "--scenario",
        scenario,
      ]);
      console.log(`  server ${scenario}: ${ok ? "passed" : `failed\n${out}`}`);
      results.push(ok);
    }
    report("Conformance suite, server scenarios", results.filter(Boolean).length, results.length);
  } finally {
    child.kill();
  }
}

function background([program = "", ...args]: readonly string[]): Promise<{ ok: boolean; out: string }> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (out += text));
  return new Promise((resolve) => child.on("close", (code) => resolve({ ok: code === 0, out })));
}

function inspector(folder: string): void {
  const tool = join(folder, "node_modules/.bin/mcp-inspector");
  const server = [...NODE, "packages/cli/src/main.ts", "mcp"];
  const asks: [string, string[], RegExp][] = [
    ["tools/list", ["--method", "tools/list"], /"read_file"/],
    [
      "tools/call",
      ["--method", "tools/call", "--tool-name", "list_files", "--tool-arg", "path=docs"],
      /architecture\.md/,
    ],
  ];
  const results = asks.map(([name, args, expected]) => {
    const { ok, out } = run([process.execPath, tool, "--cli", ...args, "--", ...server]);
    const good = ok && expected.test(out);
    console.log(`  inspector ${name}: ${good ? "passed" : `failed\n${out}`}`);
    return good;
  });
  report("Inspector against `hearth mcp`", results.filter(Boolean).length, results.length);
}

ownTests();
const folder = fetched();
if (folder === undefined) console.log("Conformance suite and inspector: skipped, npm can't fetch them here.");
else {
  clientConformance(folder);
  await serverConformance(folder);
  inspector(folder);
}
process.exitCode = failed === 0 ? 0 : 1;
