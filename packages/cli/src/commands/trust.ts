import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { trustFolder, userPaths } from "@hearth/runtime";
import { UsageError } from "hearth";
import type { CommandContext } from "../command.ts";

export async function run({ args, env, folder, out }: CommandContext): Promise<number> {
  const [named, ...more] = args.positionals;
  if (named === undefined || more.length > 0) {
    throw new UsageError("hearth trust takes one folder.", { remedy: "Write `hearth trust DIR`." });
  }
  const workspace = existing(resolve(folder, named));
  const files = trustFolder(userPaths(env), workspace, new Date());
  if (args.own.has("json")) {
    await out.json({ folder: workspace, files });
    return 0;
  }
  await out.line(`The settings in these files of ${workspace} count from now on, until one of them changes:`);
  for (const [name, hash] of Object.entries(files)) {
    await out.line(`  ${name}  ${hash === "absent" ? "not there, and must stay so" : hash.slice(0, 16)}`);
  }
  return 0;
}

function existing(folder: string): string {
  try {
    if (statSync(folder).isDirectory()) return realpathSync(folder);
  } catch (error) {
    throw new UsageError(`The folder ${folder} is not there.`, { remedy: "Name one that is.", cause: error });
  }
  throw new UsageError(`${folder} is no folder.`, { remedy: "Name a folder." });
}
