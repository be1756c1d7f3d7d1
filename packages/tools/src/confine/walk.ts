import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  type Stats,
} from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { ToolError, UsageError } from "hearth";
import { parsePath } from "./parse.ts";

/**
 * How the walk holds its ground. `descriptors` (Linux): each part is opened through the open folder before it
 * (`/proc/self/fd/N/part`, no links), so an exchange between check and use has nothing to exchange: 0 leaks in 20,000
 * tries (`npm run prove:paths`). `checked` (elsewhere; untested on macOS and Windows): the path is opened by name and
 * then compared by device and inode; a check, not a boundary.
 */
export type Confinement = "descriptors" | "checked";

export const confinement: Confinement =
  process.platform === "linux" && existsSync("/proc/self/fd") ? "descriptors" : "checked";

/** Raw flag of macOS: refuses a link in any part of the path. Ignored elsewhere. */
const NOFOLLOW_ANY = process.platform === "darwin" ? 0x20000000 : 0;
/** O_NONBLOCK: opening a FIFO must not wait for its writer. Windows knows none of these flags. */
const READ =
  constants.O_RDONLY |
  (constants.O_NOFOLLOW ?? 0) |
  (constants.O_NONBLOCK ?? 0) |
  (constants.O_NOCTTY ?? 0) |
  NOFOLLOW_ANY;
const FOLDER = READ | (constants.O_DIRECTORY ?? 0);

/** An open folder of the workspace. Its descriptor is the handle: names below it can't lead out. */
export class Folder implements Disposable {
  readonly fd: number;
  /** From the root, "." for the root itself; absolute where it lies outside, in what may be read beside the workspace. */
  readonly path: string;
  readonly #real: string;

  constructor(fd: number, path: string, real: string) {
    this.fd = fd;
    this.path = path;
    this.#real = real;
  }

  /** What to hand to `fs` for this folder, or for a name in it. The name must be one part, never "..". */
  at(name?: string): string {
    const base = confinement === "descriptors" ? `/proc/self/fd/${this.fd}` : this.#real;
    return name === undefined ? base : `${base}/${name}`;
  }

  /** Path of a name in this folder, from the root. */
  pathOf(name: string): string {
    if (this.path === ".") return name;
    return this.path.endsWith("/") ? this.path + name : `${this.path}/${name}`;
  }

  /** Opens a folder in this one; refuses links and other file systems. */
  open(name: string): Folder {
    const before = confinement === "checked" ? lstatSync(this.at(name)) : undefined;
    if (before?.isSymbolicLink()) throw Object.assign(new Error("link"), { code: "ELOOP" });
    const fd = openSync(this.at(name), FOLDER);
    const child = new Folder(fd, this.pathOf(name), join(this.#real, name));
    try {
      const stat = fstatSync(fd);
      if (before && (before.ino !== stat.ino || before.dev !== stat.dev)) throw exchanged(child.path);
      if (stat.dev !== fstatSync(this.fd).dev) {
        throw new ToolError(`${child.path} is on another file system than the workspace.`, {
          remedy: "Mounted folders are not entered.",
        });
      }
      return child;
    } catch (error) {
      child[Symbol.dispose]();
      throw error;
    }
  }

  /** Opens a folder in this one, and makes it where there is none. */
  make(name: string): Folder {
    if (lstatSync(this.at(name), { throwIfNoEntry: false }) === undefined) mkdirSync(this.at(name));
    return this.open(name);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

function exchanged(path: string): ToolError {
  return new ToolError(`${path} was exchanged while it was opened.`);
}

/** The root of all paths. Cheap: holds no descriptor. */
export class Workspace {
  /** Absolute, its own links resolved. */
  readonly root: string;
  readonly #roots: string[];
  readonly #also: readonly string[];

  /** `also`: folders that absolute paths may lead into beside the workspace; for tools that only read. */
  constructor(path: string, also: readonly string[] = []) {
    const given = resolve(path);
    try {
      this.root = realpathSync(given);
    } catch (cause) {
      throw new UsageError(`The workspace ${given} can't be opened.`, {
        cause,
        remedy: "Name an existing folder by --workspace.",
      });
    }
    if (!lstatSync(this.root).isDirectory()) {
      throw new UsageError(`The workspace ${given} is not a folder.`, {
        remedy: "Name an existing folder by --workspace.",
      });
    }
    this.#roots = [this.root, given];
    this.#also = also;
  }

  /** The parts of a path as written; throws a `ToolError` with the remedy. */
  parts(input: string): string[] {
    return this.#place(input).parts;
  }

  /** Where a path begins: at the workspace (undefined), or in a folder beside it. */
  #place(input: string): { parts: string[]; beside?: string } {
    const parsed = parsePath(input, this.#roots);
    if (!("fault" in parsed)) return parsed;
    for (const beside of isAbsolute(input) ? this.#also : []) {
      const found = parsePath(input, [beside]);
      if (!("fault" in found)) return { ...found, beside };
    }
    throw new ToolError(parsed.fault, { remedy: this.#hint(input) ?? parsed.remedy });
  }

  openRoot(): Folder {
    return new Folder(openSync(this.root, FOLDER), ".", this.root);
  }

  /**
   * Walks to the folder that holds the last part. `last` is undefined where the path names the folder itself.
   * Errors of the file system are passed on with `at`, the path of the part that failed.
   */
  walk(input: string): { folder: Folder; last?: string } {
    const { parts, beside } = this.#place(input);
    const stack = [
      beside === undefined ? this.openRoot() : new Folder(openSync(beside, FOLDER), beside, beside),
    ];
    try {
      const last = parts.at(-1) === ".." ? undefined : parts.pop();
      for (const part of parts) {
        if (part === "..") stack.pop()?.[Symbol.dispose]();
        else stack.push(step(stack.at(-1)!, part));
      }
      const folder = stack.pop()!;
      return last === undefined ? { folder } : { folder, last };
    } finally {
      for (const folder of stack) folder[Symbol.dispose]();
    }
  }

  /** Opens a folder by the path that it was told under. */
  reopenFolder(path: string): Folder {
    return this.openFolder(path === "." || isAbsolute(path) ? path : `./${path}`);
  }

  openFolder(input: string): Folder {
    const { folder, last } = this.walk(input);
    if (last === undefined) return folder;
    try {
      return step(folder, last);
    } finally {
      folder[Symbol.dispose]();
    }
  }

  /** Opens a regular file for reading. `hardLinks`: take files that have a second name, perhaps outside. */
  openFile(
    input: string,
    options: { hardLinks?: boolean } = {},
  ): { fd: number; path: string; stat: Stats } & Disposable {
    const { folder, last } = this.walk(input);
    try {
      if (last === undefined) throw new WalkError("EISDIR", folder.path, folder.path, "");
      const opened = openIn(folder, last, options);
      return { ...opened, [Symbol.dispose]: () => closeSync(opened.fd) };
    } finally {
      folder[Symbol.dispose]();
    }
  }

  /** A likelier path than one outside: "/src/a.ts" for "src/a.ts", a model's habit. */
  #hint(input: string): string | undefined {
    if (!isAbsolute(input)) return undefined;
    const inner = parsePath(input.replace(/^[\\/]+/, ""), this.#roots);
    if ("fault" in inner) return undefined;
    if (inner.parts.length === 0) return 'The workspace itself is ".".';
    const path = inner.parts.join("/");
    return existsSync(join(this.root, inner.parts[0]!)) ? `In the workspace there is "${path}".` : undefined;
  }
}

/** Why a part of a path could not be opened. `explainWalk` makes a message of it. */
export class WalkError extends Error {
  readonly code: string;
  /** The part that failed, from the root. */
  readonly path: string;
  /** The folder that was searched, from the root, and the name not found there. */
  readonly folder: string;
  readonly part: string;

  constructor(code: string, path: string, folder: string, part: string, cause?: unknown) {
    super(`${code}: ${path}`, { cause });
    this.code = code;
    this.path = path;
    this.folder = folder;
    this.part = part;
  }
}

function step(folder: Folder, part: string): Folder {
  try {
    return folder.open(part);
  } catch (error) {
    throw walkError(error, folder, part);
  }
}

function walkError(error: unknown, folder: Folder, part: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  const link = lstatSync(folder.at(part), { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return new WalkError(link ? "ELOOP" : error.code, folder.pathOf(part), folder.path, part, error);
}

/** Opens a regular file of an open folder for reading; refuses links, special files and, by default, hard links. */
export function openIn(
  folder: Folder,
  name: string,
  options: { hardLinks?: boolean } = {},
): { fd: number; path: string; stat: Stats } {
  const path = folder.pathOf(name);
  let fd: number;
  let before: Stats | undefined;
  try {
    // Before the open: a device may act on being opened. The check after it is the one that counts.
    before = lstatSync(folder.at(name));
    if (before.isDirectory()) throw new WalkError("EISDIR", path, folder.path, name);
    if (before.isSymbolicLink()) throw new WalkError("ELOOP", path, folder.path, name);
    if (!before.isFile()) throw new WalkError("SPECIAL", path, folder.path, name);
    fd = openSync(folder.at(name), READ);
  } catch (error) {
    throw error instanceof WalkError ? error : walkError(error, folder, name);
  }
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw new WalkError("EISDIR", path, folder.path, name);
    if (!stat.isFile()) throw new WalkError("SPECIAL", path, folder.path, name);
    if (confinement === "checked" && (before.ino !== stat.ino || before.dev !== stat.dev))
      throw exchanged(path);
    if (stat.nlink > 1 && options.hardLinks !== true)
      throw new WalkError("HARDLINK", path, folder.path, name);
    return { fd, path, stat };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Where a link of the workspace points, from the root, if that is inside; for messages only. */
export function linkTarget(folder: Folder, name: string): string | undefined {
  try {
    const target = readlinkSync(folder.at(name));
    if (isAbsolute(target)) return undefined;
    const parts = folder.path === "." ? [] : folder.path.split("/");
    for (const part of target.split("/")) {
      if (part === "..") {
        if (parts.pop() === undefined) return undefined;
      } else if (part !== "" && part !== ".") parts.push(part);
    }
    return parts.join("/") || ".";
  } catch {
    return undefined;
  }
}
