import { statSync } from "node:fs";
import { resolve } from "node:path";
import { auditFile } from "@hearth/runtime";
import { verifyAudit } from "@hearth/tools";
import { UsageError } from "hearth";
import { actionOf } from "../actions.ts";
import type { CommandContext } from "../command.ts";

export function run(context: CommandContext): Promise<number> {
  return actionOf("audit", { verify }, context);
}

/** Answers 0 where the chain is whole, 3 where it is not, and says where it breaks. */
async function verify(
  { config, folder, out }: CommandContext,
  [named, ...more]: readonly string[],
): Promise<number> {
  if (more.length > 0)
    throw new UsageError("hearth audit verify takes one file.", { remedy: "Check them one by one." });
  const settings = config();
  const file = named === undefined ? auditFile(settings) : existing(resolve(folder, named));
  if (file === undefined)
    throw new UsageError("No audit is written: the setting audit is none.", {
      remedy: "Name a file: `hearth audit verify FILE`.",
    });
  const check = verifyAudit(file);
  if (settings.settings.json) await out.json({ file, ...check });
  else if (!check.ok)
    await out.line(
      `${file}, line ${check.line}: ${check.why}. ${check.entries} entries before it are whole.`,
    );
  else {
    await out.line(`${file}: ${check.entries} entries, none changed.`);
    if (check.entries > 0 && !check.noted)
      out.note(`hearth: ${file}.head is not there, so entries cut off at the end can't be told.`);
  }
  return check.ok ? 0 : 3;
}

function existing(file: string): string {
  if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
  // A file that is gone is a finding where its head still says what was in it.
  if (statSync(`${file}.head`, { throwIfNoEntry: false })?.isFile()) return file;
  throw new UsageError(`The file ${file} is not there.`, { remedy: "Name one that is." });
}
