#!/usr/bin/env node
// Starts the command. Plain JavaScript that old versions of Node can read, so that they can be told they are too old.
import * as module from "node:module";

const NEEDED = 24;
if (Number(process.versions.node.split(".")[0]) < NEEDED) {
  console.error(
    `hearth: this is Node ${process.versions.node} (${process.execPath}); Hearth needs Node ${NEEDED} or newer.`,
  );
  console.error(
    "  Install it from nodejs.org; in a clone of the repository `npm start -- …` uses the one it brings.",
  );
  process.exit(2);
}

const here = (path) => new URL(path, import.meta.url).href;
if (here(".").includes("/node_modules/")) await import(here("../dist/main.js"));
else {
  // A clone runs from its sources; its packages are found there under this condition, in child processes too.
  const condition = "@hearth/source";
  if (
    !process.execArgv
      .concat(process.env.NODE_OPTIONS ?? "")
      .join(" ")
      .includes(condition)
  ) {
    process.execArgv.push(`--conditions=${condition}`);
    process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --conditions=${condition}`.trim();
    module.registerHooks({
      resolve: (name, context, next) =>
        next(name, { ...context, conditions: [...context.conditions, condition] }),
    });
  }
  await import(here("../src/main.ts"));
}
