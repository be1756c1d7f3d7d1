import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, relative } from "node:path";
import { UsageError } from "hearth";

const NAMES = process.platform === "win32" ? ["python3.exe", "python.exe"] : ["python3", "python"];

/**
 * The interpreter: the one that was named, else the first on PATH whose folder is not in the workspace. A workspace that
 * brings a `python3` of its own must not get it started.
 * @throws UsageError where there is none
 */
export function findPython(
  named?: string,
  workspace?: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (named !== undefined && (isAbsolute(named) || named.includes("/"))) {
    if (isProgram(named)) return named;
    throw new UsageError(`There is no Python at ${named}.`, { remedy: "Name an interpreter that is there." });
  }
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  for (const folder of folders) {
    if (workspace !== undefined && isWithin(folder, workspace)) continue;
    for (const name of named === undefined ? NAMES : [named]) {
      const file = join(folder, name);
      if (isProgram(file) && (workspace === undefined || !isWithin(file, workspace))) return file;
    }
  }
  const where = workspace === undefined ? "" : " outside the workspace";
  throw new UsageError(`There is no ${named ?? "python3"} on PATH${where}, and Python tools need one.`, {
    remedy: "Install Python 3.10 or later, or name an interpreter with `python`.",
  });
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether a path, links resolved, stands in a folder. */
function isWithin(path: string, folder: string): boolean {
  try {
    const way = relative(realpathSync(folder), realpathSync(path));
    return way === "" || (!way.startsWith("..") && !isAbsolute(way));
  } catch {
    return false;
  }
}
