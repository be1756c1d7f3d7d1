import { createHash } from "node:crypto";

/** Workers of one folder are one pool: a run belongs to the files it began with, under the same path on each machine. */
export function poolOf(workspace: string): string {
  return createHash("sha256").update(workspace).digest("hex").slice(0, 12);
}
