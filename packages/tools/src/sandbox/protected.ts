import { type Dirent, lstatSync, readdirSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { protectedPart } from "../judge/index.ts";

/**
 * What in a writable workspace other programs run or believe later (judge/path.ts), at any depth: found before a run, so that a level can
 * keep it as it is, and again after it, so that what was made meanwhile is moved out of the way.
 */
export interface Guard {
  /** Path below the workspace → which file it is (device and number). */
  readonly found: ReadonlyMap<string, string>;
  /** Of these, what a program must not write. The others are folders of git, which must stay where they are. */
  readonly readOnly: readonly string[];
  readonly pinned: readonly string[];
  /** Whether everything was looked at within the bound. */
  readonly complete: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Entries looked at before a run and after it; about 100 ms. Installed packages come last. */
export const MAX_ENTRIES = 50_000;
/** What one run may bind; more is as good as an endless start. */
const MAX_FOUND = 500;

/** Lines in a result; installing packages may bring many such files. */
const MAX_TOLD = 10;

/** In a folder of git: what names programs, or leads to other settings. The index, the objects and the branches stay writable. */
const GIT_PARTS =
  "hooks config config.worktree modules worktrees info commondir gitdir objects/info/alternates".split(" ");

/** Almost no name needs the judge's whole look. */
const MAYBE = /^(?:\.|git~|hearth\.config)|[^\x20-\x7e]/i;

export function scanProtected(workspace: string, maxEntries = MAX_ENTRIES): Guard {
  const found = new Map<string, string>();
  const readOnly: string[] = [];
  const pinned: string[] = [];
  const at = Date.now();
  const first = [""];
  const last: string[] = [];
  let seen = 0;
  const take = (path: string, list: string[]) => {
    const identity = identityOf(join(workspace, path));
    if (identity === undefined) return;
    found.set(path, identity);
    list.push(path);
  };
  let folder = first.shift();
  for (
    ;
    folder !== undefined && seen < maxEntries && found.size < MAX_FOUND;
    folder = first.shift() ?? last.shift()
  ) {
    const entries = list(join(workspace, folder));
    seen += entries.length + 1;
    for (const entry of entries) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (MAYBE.test(entry.name) && protectedPart([entry.name]) !== undefined) {
        if (entry.isDirectory() && entry.name.toLowerCase() === ".git") {
          take(path, pinned);
          for (const part of GIT_PARTS) take(`${path}/${part}`, readOnly);
        } else take(path, readOnly);
      } else if (entry.isDirectory()) (entry.name === "node_modules" ? last : first).push(path);
    }
    // A repository without a working folder: git takes it for one wherever it stands.
    if (isGitFolder(entries))
      for (const part of GIT_PARTS) take(folder === "" ? part : `${folder}/${part}`, readOnly);
  }
  return { found, readOnly, pinned, complete: folder === undefined, at };
}

/**
 * Moves away what was made or replaced since the scan; returns a line for each, for the result. Where the scan was not complete, only what
 * is younger than the scan counts: what was there before must not be touched.
 */
export function quarantine(workspace: string, before: Guard): string[] {
  const known = new Set(before.found.values());
  const after = scanProtected(workspace);
  const lines: string[] = [];
  const gone: string[] = [];
  for (const [path, identity] of after.found) {
    if (known.has(identity) || gone.some((folder) => path.startsWith(`${folder}/`))) continue;
    const file = join(workspace, path);
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined || (!before.complete && stat.ctimeMs < before.at - 1000)) continue;
    const to = freeName(dirname(file), `${basename(path).replace(/^\.+/, "")}.quarantined`);
    gone.push(path);
    const what = `${path} is run or believed by other programs later`;
    try {
      renameSync(file, join(dirname(file), to));
      lines.push(`${what}, so it was moved to ${to}.`);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
      lines.push(
        `${what}, and it could not be moved away (${code}): look at it before anything else uses it.`,
      );
    }
  }
  const more = lines.splice(MAX_TOLD);
  if (more.length > 0) lines.push(`${more.length} more were moved to names ending in .quarantined.`);
  if (!after.complete)
    lines.push(
      "The workspace is too large to search all of it for files that other programs run or believe later.",
    );
  return lines;
}

function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // Gone, or not ours to read; then a program of ours can't change it either.
    return [];
  }
}

function isGitFolder(entries: readonly Dirent[]): boolean {
  const has = (name: string, folder: boolean) =>
    entries.some((entry) => entry.name === name && entry.isDirectory() === folder);
  return has("HEAD", false) && has("objects", true) && has("refs", true);
}

function identityOf(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? undefined : `${stat.dev}:${stat.ino}:${stat.mode & 0o170000n}`;
}

function freeName(folder: string, wanted: string): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? wanted : `${wanted}-${count}`;
    if (lstatSync(join(folder, name), { throwIfNoEntry: false }) === undefined) return name;
  }
}
