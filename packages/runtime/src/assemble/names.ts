import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** Enough for a request to point at; a larger list makes a larger grammar. */
const MAX_NAMES = 400;
const MAX_DEPTH = 3;
const SKIPPED: ReadonlySet<string> = new Set([".git", "node_modules", "__pycache__"]);

/** Names of files and folders in the workspace, relative, nearest to its root first. Links are named, not followed. */
export async function workspaceNames(workspace: string): Promise<string[]> {
  const names: string[] = [];
  let level = [""];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      const entries = await readdir(join(workspace, folder), { withFileTypes: true }).catch(() => []);
      for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        if (names.length >= MAX_NAMES) return names;
        const name = join(folder, entry.name);
        names.push(name);
        if (entry.isDirectory() && !SKIPPED.has(entry.name)) below.push(name);
      }
    }
    level = below;
  }
  return names;
}
