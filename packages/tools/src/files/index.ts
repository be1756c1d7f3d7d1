/**
 * Tools that look at files: list_files, disk_usage, search_files, read_file.
 * Owns what they say to the model and to programs. Reads through confine/ only; changes nothing (edit/ does).
 */
import type { Tool } from "hearth";
import { Workspace } from "../confine/index.ts";
import { listFiles } from "./list.ts";
import { readFile } from "./read.ts";
import { searchFiles } from "./search.ts";
import { diskUsage } from "./usage.ts";

export interface FileToolOptions {
  /** The folder they are confined to. */
  workspace: string;
  /** Read files that have a second hard link, perhaps outside the workspace (pnpm's store). Default false. */
  hardLinks?: boolean;
  /** Folders that absolute paths may be read in beside the workspace. Default: none. Only from a trusted source. */
  readAlso?: readonly string[];
}

/** The four tools that `hearth run` offers by default. Raises `UsageError` where the workspace is no folder. */
export function fileTools(options: FileToolOptions): Tool[] {
  const workspace = new Workspace(options.workspace, options.readAlso);
  const hardLinks = options.hardLinks === true;
  return [
    listFiles(workspace),
    diskUsage(workspace),
    searchFiles(workspace, { hardLinks }),
    readFile(workspace, { hardLinks }),
  ];
}
