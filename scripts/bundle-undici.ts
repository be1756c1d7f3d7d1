/**
 * Before `npm pack`: puts the parts of undici that `hearth` uses into the package, in one file. As a dependency it would weigh as much as
 * all of `hearth`, most of it a fetch that Node has already.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const parts = fileURLToPath(new URL("../packages/hearth/src/engines/http/undici.ts", import.meta.url));
const require = createRequire(parts);
const { version } = require("undici/package.json") as { version: string };
const licence = readFileSync(require.resolve("undici/LICENSE"), "utf8");

await build({
  entryPoints: [parts],
  outfile: parts.replace("/src/", "/dist/").replace(/\.ts$/, ".js"),
  allowOverwrite: true,
  bundle: true,
  minifyWhitespace: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // What it asks for by `require` is Node's own.
  banner: {
    js: `/*! Parts of undici ${version}\n\n${licence.trim()}\n*/\nimport { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);`,
  },
});
