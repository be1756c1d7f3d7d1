import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  writeSync,
} from "node:fs";
import { type JsonObject, ToolError, type ToolResult } from "hearth";
import { explainWalk, type Folder, showName, teach, WalkError, type Workspace } from "../confine/index.ts";
import { protectedPart } from "../judge/index.ts";

/** A place for a new or replaced entry: its open folder, its name, and what is there now. */
export interface Place extends Disposable {
  folder: Folder;
  name: string;
  path: string;
  now: Stats | undefined;
}

/**
 * Walks to where something will be written. Missing folders are made on the way where `makeFolders`. Refused: what other programs run
 * later, links, special files, and files with a second hard link, which may lie outside.
 */
export function placeFor(workspace: Workspace, input: string, options: { makeFolders: boolean }): Place {
  const parts = workspace.parts(input);
  if (parts.includes(".."))
    throw new ToolError('".." is not allowed in a path that is written.', {
      remedy: "Name the file from the workspace.",
    });
  const name = parts.at(-1);
  if (name === undefined) throw new ToolError("This is the workspace itself, not a file.");
  const bad = protectedPart(parts);
  if (bad !== undefined) {
    throw new ToolError(
      `"${showName(bad)}" is run or believed by other programs later, so tools do not change it.`,
      { remedy: "A person has to do that." },
    );
  }
  if (parts.some((part) => /[\p{Cc}\p{Cf}]/u.test(part)))
    throw new ToolError("A new name must have no control or invisible characters.");
  let folder = workspace.openRoot();
  try {
    for (const part of parts.slice(0, -1)) {
      const next = enter(folder, part, options.makeFolders);
      folder[Symbol.dispose]();
      folder = next;
    }
    const now = lstatSync(folder.at(name), { throwIfNoEntry: false });
    if (now?.isSymbolicLink()) throw new WalkError("ELOOP", folder.pathOf(name), folder.path, name);
    if (now !== undefined && !now.isFile() && !now.isDirectory())
      throw new WalkError("SPECIAL", folder.pathOf(name), folder.path, name);
    if (now?.isFile() && now.nlink > 1)
      throw new WalkError("HARDLINK", folder.pathOf(name), folder.path, name);
    const held = folder;
    return { folder, name, path: folder.pathOf(name), now, [Symbol.dispose]: () => held[Symbol.dispose]() };
  } catch (error) {
    folder[Symbol.dispose]();
    throw error;
  }
}

function enter(folder: Folder, part: string, make: boolean): Folder {
  try {
    return folder.open(part);
  } catch (error) {
    const stat = lstatSync(folder.at(part), { throwIfNoEntry: false });
    if (stat === undefined && make) {
      mkdirSync(folder.at(part));
      return folder.open(part);
    }
    if (error instanceof ToolError) throw error;
    const code =
      stat === undefined
        ? "ENOENT"
        : stat.isSymbolicLink()
          ? "ELOOP"
          : stat.isDirectory()
            ? "EACCES"
            : "ENOTDIR";
    throw new WalkError(code, folder.pathOf(part), folder.path, part, error);
  }
}

/** Writes a whole file or nothing: a new file beside it, then its name. Keeps the mode of what it replaces. */
export function replaceFile(place: Place, bytes: Buffer): void {
  const { folder, name, now } = place;
  const temporary = `.${name.slice(0, 100)}.${randomBytes(6).toString("hex")}.tmp`;
  const fd = openSync(
    folder.at(temporary),
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0),
    0o644,
  );
  try {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      if (now !== undefined) fchmodSync(fd, now.mode & 0o777);
      fsyncSync(fd);
      if (fstatSync(fd).size !== bytes.length) throw new ToolError("The file could not be written whole.");
    } finally {
      closeSync(fd);
    }
    renameSync(folder.at(temporary), folder.at(name));
  } catch (error) {
    rmSync(folder.at(temporary), { force: true });
    throw error;
  }
}

/** Runs a change; what is meant for the model comes back as a failed result. */
export function changing(workspace: Workspace, body: () => ToolResult): ToolResult {
  try {
    return body();
  } catch (error) {
    const told =
      error instanceof Error && "code" in error && !(error instanceof WalkError)
        ? systemError(error)
        : explainWalk(error, workspace, "file");
    if (!(told instanceof ToolError)) throw told;
    return { ok: false, content: teach(told), details: { error: told.name } };
  }
}

const SYSTEM: Readonly<Record<string, string>> = {
  ENOSPC: "There is no space left on the disk.",
  EDQUOT: "The quota of the disk is used up.",
  EROFS: "The workspace is on a disk that can't be written.",
  EACCES: "This may not be written: permission denied.",
  EPERM: "This may not be written: permission denied.",
  ENOTEMPTY: "The folder is not empty.",
  EXDEV: "It is on another disk.",
};

function systemError(error: Error & { code: unknown }): ToolError {
  return new ToolError(SYSTEM[String(error.code)] ?? error.message, { cause: error });
}

/** A text of a call; an empty one is a value too. */
export function given(args: JsonObject, key: string): string {
  const value = args[key];
  if (typeof value !== "string") throw new ToolError(`"${key}" must be a text.`);
  return value;
}
