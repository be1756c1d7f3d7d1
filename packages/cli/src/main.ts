#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { wantsEmbedded } from "./prewarm.ts";

// Node keeps what it compiled, and the types it stripped, between starts.
enableCompileCache();
const args = process.argv.slice(2);
if (wantsEmbedded(args, process.env)) (await import("@hearth/llama/prewarm")).prewarm();
const { main } = await import("./index.ts");
process.exitCode = await main(args);
// What is left open (sockets kept alive, a child that winds down) must not keep a finished command waiting.
process.exit();
