import type { JsonSchema } from "../../protocol/index.ts";

/** Texts that arguments may point at. */
export interface Sources {
  /** What the user asked. */
  request: string;
  /** Results of earlier calls of this conversation, newest first. */
  results: readonly string[];
  /** Names in the workspace, where known. */
  workspaceNames: readonly string[];
  /** The request asks for a text inside files, and this tool looks for texts: its words are that text, or say where. */
  inside: boolean;
  /** This tool finds files by name: only what stands at a place says where. */
  byName?: boolean;
  /** All parameters of this tool: what is meant for one is not for another. */
  parameters?: JsonSchema;
  /** The files of which one is to be opened now; then nothing else is a path. */
  only?: readonly string[];
}
