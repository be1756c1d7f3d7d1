import { mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { sandboxFolder, userPaths } from "@hearth/runtime";
import { UsageError } from "hearth";
import { actionOf } from "../actions.ts";
import type { CommandContext } from "../command.ts";

export function run(context: CommandContext): Promise<number> {
  return actionOf("sandbox", { reset }, context);
}

/** Clears what sandboxed programs have left outside the workspace: installed packages and scratch files. */
async function reset({ args, env, out }: CommandContext, rest: readonly string[]): Promise<number> {
  if (rest.length > 0)
    throw new UsageError("hearth sandbox reset takes no names.", { remedy: "It clears all of it." });
  const paths = userPaths(env);
  const folder = sandboxFolder(paths);
  const there = statSync(folder, { throwIfNoEntry: false }) !== undefined;
  if (there) {
    // Moved away first: a program that begins now finds all of it or nothing.
    const away = mkdtempSync(join(paths.state, "sandbox-old-"));
    renameSync(folder, join(away, "sandbox"));
    rmSync(away, { recursive: true, force: true });
  }
  if (args.own.has("json")) await out.json({ folder, cleared: there });
  else await out.line(there ? `Cleared ${folder}.` : `There is nothing to clear in ${folder}.`);
  return 0;
}
