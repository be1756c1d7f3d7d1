import { type Doc, readDoc } from "./doc.ts";
import type { SourceFile } from "./file.ts";

/** A type that a comment declares: `@typedef {{a: string}} Name`, or `@typedef {object} Name` with `@property` lines. */
export interface Typedef {
  name: string;
  /** The type between the braces. */
  type: string | undefined;
  doc: Doc;
  /** Where the comment is. */
  offset: number;
}

const found = new WeakMap<SourceFile, Map<string, Typedef>>();

export function typedefIn(file: SourceFile, name: string): Typedef | undefined {
  let typedefs = found.get(file);
  if (!typedefs) {
    typedefs = new Map();
    for (const comment of file.comments) {
      if (!comment.isDoc || !comment.text.includes("@typedef")) continue;
      const doc = readDoc(comment.text);
      if (doc.typedef) typedefs.set(doc.typedef.name, { ...doc.typedef, doc, offset: comment.start });
    }
    found.set(file, typedefs);
  }
  return typedefs.get(name);
}
