import { opendirSync } from "node:fs";
import { HearthError, ToolError } from "hearth";
import { nearest, showName } from "./names.ts";
import { type Folder, linkTarget, WalkError, type Workspace } from "./walk.ts";

/** A failure as one message for the model: what happened, then what to do. */
export function teach(error: HearthError): string {
  return error.remedy === undefined ? error.message : `${error.message} ${error.remedy}`;
}

/** What went wrong on the way to a file or folder, with the nearest names that exist. */
export function explainWalk(error: unknown, workspace: Workspace, wanted: "file" | "folder"): HearthError {
  if (error instanceof HearthError) return error;
  if (!(error instanceof WalkError)) {
    return new ToolError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  const path = showName(error.path);
  const fail = (message: string, remedy?: string) =>
    new ToolError(message, remedy === undefined ? { cause: error } : { cause: error, remedy });
  switch (error.code) {
    case "ENOENT":
      return fail(`There is no "${path}" in the workspace.`, near(error, workspace));
    case "ELOOP": {
      const target = inFolder(error, workspace, (folder) => linkTarget(folder, error.part));
      return fail(
        `"${path}" is a link, and links are not followed.`,
        target === undefined ? "It may lead out of the workspace." : `It points to "${showName(target)}".`,
      );
    }
    case "ENOTDIR":
      return fail(
        `"${path}" is a file, not a folder.`,
        wanted === "folder" ? "Use read_file for a file." : undefined,
      );
    case "EISDIR":
      return fail(`"${path}" is a folder, not a file.`, "Use list_files for a folder.");
    case "SPECIAL":
      return fail(`"${path}" is a device, pipe or socket, not a file.`);
    case "HARDLINK":
      return fail(`"${path}" is a hard link: the same file has another name, perhaps outside the workspace.`);
    case "EACCES":
    case "EPERM":
      return fail(`"${path}" may not be read: permission denied.`);
    case "ENAMETOOLONG":
      return fail("A name in the path is too long.");
    default:
      return fail(`"${path}" can't be opened (${error.code}).`);
  }
}

function near(error: WalkError, workspace: Workspace): string {
  const names = inFolder(error, workspace, namesIn) ?? [];
  const where = error.folder === "." ? "the workspace" : `"${showName(error.folder)}"`;
  if (names.length === 0) return `The folder ${where} is empty.`;
  const prefix = error.folder === "." ? "" : `${error.folder}/`;
  const close = nearest(error.part, names).map((name) => `"${showName(prefix + name)}"`);
  if (close.length > 0) return `Nearest: ${close.join(", ")}.`;
  const some = names.slice(0, 5).map((name) => `"${showName(name)}"`);
  return `In ${where} there is ${some.join(", ")}${names.length > 5 ? " and more: use list_files" : ""}.`;
}

function inFolder<T>(error: WalkError, workspace: Workspace, look: (folder: Folder) => T): T | undefined {
  try {
    using folder = workspace.reopenFolder(error.folder);
    return look(folder);
  } catch {
    // The folder is gone meanwhile: the message does without its names.
    return undefined;
  }
}

/** Names of a folder, at most 2,000. */
function namesIn(folder: Folder): string[] {
  const names: string[] = [];
  const entries = opendirSync(folder.at());
  try {
    for (let entry = entries.readSync(); entry !== null && names.length < 2000; entry = entries.readSync()) {
      names.push(entry.name);
    }
  } finally {
    entries.closeSync();
  }
  return names.sort();
}
