import { lstatSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { protectedPart } from "../judge/index.ts";

/**
 * What a program made in a writable workspace although other programs would run or believe it later. What was there before is bound
 * read only (bwrap.ts); what was not can't be bound without leaving an empty file behind, so it is moved away afterwards. Looks at the
 * workspace's own folder, not below it.
 */
export function protectedNames(workspace: string): Set<string> {
  return new Set(readdirSync(workspace).filter((name) => protectedPart([name]) !== undefined));
}

/** Renames what is new among the protected names; returns a line for each, for the result. */
export function quarantine(workspace: string, before: ReadonlySet<string>): string[] {
  const lines: string[] = [];
  for (const name of protectedNames(workspace)) {
    if (before.has(name)) continue;
    const to = freeName(workspace, `${name.replace(/^\.+/, "")}.quarantined`);
    renameSync(join(workspace, name), join(workspace, to));
    lines.push(`${name} is run or believed by other programs later, so it was moved to ${to}.`);
  }
  return lines;
}

function freeName(folder: string, wanted: string): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? wanted : `${wanted}-${count}`;
    if (lstatSync(join(folder, name), { throwIfNoEntry: false }) === undefined) return name;
  }
}
