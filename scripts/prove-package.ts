/**
 * Installs the package `hearth` by itself, as a user would, and counts: packages, bytes, native files. Then imports it from there and
 * runs an agent, so that what is published also works.
 */
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAX_BYTES = 5 * 1024 * 1024;
const MAX_PACKAGES = 5;

const folder = mkdtempSync(join(tmpdir(), "hearth-package-"));
/** Without what npm tells its scripts: the private condition above all. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_OPTIONS$|^INIT_CWD$/i.test(name)),
);
const run = (command: string, args: string[], cwd: string): string =>
  execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

try {
  run("npx", ["tsc", "-b", "tsconfig.build.json"], process.cwd());
  const packed = run(
    "npm",
    ["pack", "--silent", "--pack-destination", folder, "-w", "hearth"],
    process.cwd(),
  ).trim();
  writeFileSync(join(folder, "package.json"), '{"private":true,"type":"module"}');
  run("npm", ["install", "--silent", "--no-audit", "--no-fund", join(folder, packed)], folder);

  const modules = join(folder, "node_modules");
  const packages = globSync(["*/package.json", "@*/*/package.json"], { cwd: modules });
  const files = globSync("**/*", { cwd: modules }).filter((file) => statSync(join(modules, file)).isFile());
  const bytes = files.reduce((sum, file) => sum + statSync(join(modules, file)).size, 0);
  const native = files.filter((file) => /\.(?:node|so|dylib|dll|wasm)$/.test(file));

  writeFileSync(
    join(folder, "use.mjs"),
    `import { once } from "node:events"; import { createServer } from "node:http";
     import { agent, createOpenAI } from "hearth"; import { scripted } from "hearth/testing"; import { parse } from "hearth/formats";
     const add = { name: "add", description: "Add", parameters: { type: "object", properties: {} }, run: () => 3 };
     const { text } = await agent({ model: scripted([{ calls: [{ name: "add" }] }, { text: "3" }]), tools: [add] }).run("?");
     const parsed = parse('<tool_call>\\n{"name": "add", "arguments": {}}\\n</tool_call>', { format: "hermes" });
     const server = createServer((_, reply) => reply.end('{"data":[{"id":"over HTTP"}]}')).listen(0, "127.0.0.1");
     await once(server, "listening");
     const [model] = await createOpenAI({ url: "http://127.0.0.1:" + server.address().port }).models();
     server.close();
     server.closeAllConnections();
     console.log(text === "3" && parsed.calls.length === 1 && model.name === "over HTTP" ? "works" : "broken");`,
  );
  const used = run(process.execPath, ["use.mjs"], folder).trim();

  console.log(
    `packages ${packages.length} of at most ${MAX_PACKAGES}: ${packages.map((file) => file.replace("/package.json", "")).join(", ")}`,
  );
  console.log(`bytes ${bytes} of at most ${MAX_BYTES}, in ${files.length} files`);
  console.log(`native files ${native.length}`);
  console.log(`imported from there: ${used}`);
  const fine =
    packages.length <= MAX_PACKAGES && bytes <= MAX_BYTES && native.length === 0 && used === "works";
  process.exitCode = fine ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
