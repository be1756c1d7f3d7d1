/**
 * Tools that change files: write_file, edit_file, move, delete.
 * Owns how a change is made (whole or not at all, confined, undoable where it deletes) and told. Does not own whether it may be made:
 * the policy asks, for none of them has the effect `none`.
 */
import type { Tool } from "hearth";
import { Workspace } from "../confine/index.ts";
import { editFile } from "./edit.ts";
import { deleteEntry, moveEntry } from "./move.ts";
import { writeFile } from "./write.ts";

export interface EditOptions {
  workspace: string;
  /** Bytes of a file that may be written at most. Default 10 MB. */
  maxWriteBytes?: number;
}

/** The tools of `--tools +edit`. */
export function editTools(options: EditOptions): Tool[] {
  const workspace = new Workspace(options.workspace);
  const maxBytes = options.maxWriteBytes ?? 10 * 1024 * 1024;
  return [
    writeFile(workspace, maxBytes),
    editFile(workspace, maxBytes),
    moveEntry(workspace),
    deleteEntry(workspace),
  ];
}
