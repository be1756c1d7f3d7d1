import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, relative, resolve } from "node:path";
import { isFunction, type Node, walk } from "./ast.ts";
import { SourceFault } from "./fault.ts";
import { type Comment, parse } from "./parser.ts";

/** A parsed source: its tree, its comments, its places. */
export class SourceFile {
  readonly path: string;
  readonly text: string;
  readonly ast: Node;
  readonly comments: Comment[];
  private readonly docs: Map<number, Comment>;
  private found: { node: Node; above: Node[] }[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    const parsed = parse(text, path, shownPath(path));
    this.ast = parsed.ast;
    this.comments = parsed.comments;
    this.docs = new Map(this.comments.map((comment) => [comment.end, comment]));
  }

  /** Types are written in comments here. */
  get isJavaScript(): boolean {
    return /\.[cm]?jsx?$/.test(this.path);
  }

  /** The path as people know it: from the current folder where it is below. */
  get shown(): string {
    return shownPath(this.path);
  }

  /** `tools.ts:12`. */
  place(offset: number): string {
    return `${this.shown}:${this.lineOf(offset)}`;
  }

  fault(message: string, offset: number): SourceFault {
    return new SourceFault(message, this.place(offset));
  }

  lineOf(offset: number): number {
    let line = 1;
    for (let at = this.text.indexOf("\n"); at >= 0 && at < offset; at = this.text.indexOf("\n", at + 1))
      line++;
    return line;
  }

  /** The offset of a place, both counted from 0. */
  offsetOf(line: number, column: number): number {
    let start = 0;
    for (let count = 0; count < line; count++) {
      const end = this.text.indexOf("\n", start);
      if (end < 0) return this.text.length;
      start = end + 1;
    }
    return start + column;
  }

  /** The text of the doc comment that ends right before an offset, past other comments; without its stars. */
  docBefore(offset: number): string | undefined {
    let at = offset;
    for (;;) {
      while (at > 0 && /\s/.test(this.text[at - 1] ?? "")) at--;
      const comment = this.docs.get(at);
      if (!comment) return undefined;
      if (comment.isDoc) return comment.text;
      at = comment.start;
    }
  }

  textOf(node: Node): string {
    return this.text.slice(node.start, node.end);
  }

  /** All functions of the file with the nodes around each. */
  functions(): { node: Node; above: Node[] }[] {
    if (this.found) return this.found;
    const found: { node: Node; above: Node[] }[] = [];
    walk(this.ast, (node, above) => {
      if (isFunction(node)) found.push({ node, above: [...above] });
    });
    this.found = found;
    return found;
  }
}

export function shownPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below !== "" && !below.startsWith("..") ? below : path;
}

/** Endings that a `.js` import may mean in TypeScript sources, and those tried where none is written. */
const SOURCES: Record<string, string[]> = {
  ".js": [".ts", ".tsx", ".d.ts"],
  ".mjs": [".mts", ".d.mts"],
  ".cjs": [".cts", ".d.cts"],
  ".jsx": [".tsx"],
};
const ENDINGS = [".ts", ".tsx", ".mts", ".cts", ".d.ts", ".js", ".mjs", ".cjs"];

/** The sources read for one batch of functions, each once. */
export class Project {
  private readonly files = new Map<string, SourceFile>();

  /** Text given by a source map stands for a file that may not exist. */
  file(path: string, text?: string): SourceFile {
    const key = text === undefined ? path : `${path}\0${text.length}`;
    let file = this.files.get(key);
    if (!file) {
      file = new SourceFile(path, text ?? readText(path));
      this.files.set(key, file);
    }
    return file;
  }

  /** The file that a relative import means. */
  imported(from: SourceFile, specifier: string, offset: number): SourceFile {
    if (!/^\.{1,2}(?:\/|$)/.test(specifier)) {
      throw from.fault(
        `comes from ${JSON.stringify(specifier)}, and only relative imports are followed`,
        offset,
      );
    }
    const path = resolve(dirname(from.path), specifier);
    const found = candidates(path).find((candidate) => existsSync(candidate) && statSync(candidate).isFile());
    if (found === undefined)
      throw from.fault(`comes from ${JSON.stringify(specifier)}, which is not there`, offset);
    return this.file(found);
  }
}

/** The sources of a path, types first: a built `.js` beside its `.d.ts` has lost them. */
function candidates(path: string): string[] {
  const ending = extname(path);
  const stem = path.slice(0, path.length - ending.length);
  const typed = (SOURCES[ending] ?? []).map((other) => stem + other);
  return [
    ...typed,
    path,
    ...ENDINGS.map((other) => path + other),
    ...ENDINGS.map((other) => resolve(path, `index${other}`)),
  ];
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new SourceFault(
      `${shownPath(path)} can't be read (${error instanceof Error ? error.message : error})`,
    );
  }
}
