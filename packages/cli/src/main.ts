#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// Parsed and stripped files are kept by Node between starts: half of the start-up time of the command.
enableCompileCache();
const { main } = await import("./index.ts");
process.exitCode = await main(process.argv.slice(2));
// What is left open (sockets kept alive, a child that winds down) must not keep a finished command waiting.
process.exit();
