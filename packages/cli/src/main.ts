#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { earlyStart } from "./prewarm.ts";

// Node keeps what it compiled, and the types it stripped, between starts.
enableCompileCache();
const args = process.argv.slice(2);
if (args[0] === "--version") {
  // Says so without loading all the rest.
  const { version } = await import("./version.ts");
  process.stdout.write(`${version()}\n`);
} else {
  const early = earlyStart(args, process.env);
  if (early !== undefined) (await import("@hearth/llama/prewarm")).prewarm(early);
  const { main } = await import("./index.ts");
  process.exitCode = await main(args);
  // What is left open (sockets kept alive, a child that winds down) must not keep a finished command waiting.
  process.exit();
}
