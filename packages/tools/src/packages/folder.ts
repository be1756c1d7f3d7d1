import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Confined } from "../sandbox/index.ts";
import type { ManagerName } from "./names.ts";

/**
 * Where the packages of one workspace lie: beside it, in the user's state folder, so that no package is mixed with the user's files and all of
 * it can be thrown away (`hearth sandbox reset`). What runs later sees it read only.
 */
export class Packages {
  readonly root: string;

  /** `sandboxFolder`: what `hearth sandbox reset` clears. */
  constructor(sandboxFolder: string, workspace: string) {
    this.root = join(
      sandboxFolder,
      "packages",
      createHash("sha256").update(workspace).digest("hex").slice(0, 16),
    );
  }

  of(manager: ManagerName): string {
    return join(this.root, manager);
  }

  /** Makes a manager's folder, with what it must find there. */
  prepare(manager: ManagerName): string {
    const folder = this.of(manager);
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const file = join(folder, "go.mod");
    if (manager === "go" && !existsSync(file)) writeFileSync(file, "module sandbox\n");
    return folder;
  }

  /** Folder of modules for Python, Node and the module of Go, where something was installed. */
  get python(): string | undefined {
    return this.#there("pip", "lib");
  }
  get node(): string | undefined {
    return this.#there("npm", "node_modules");
  }
  get go(): string | undefined {
    return this.#there("go", "go.sum") === undefined ? undefined : this.of("go");
  }

  #there(manager: ManagerName, name: string): string | undefined {
    const path = join(this.of(manager), name);
    return existsSync(path) ? path : undefined;
  }

  /** What a program needs to find them: the folder shown, the usual variables, programs on its path. */
  shown(): Pick<Confined, "show" | "env" | "path"> {
    if (!existsSync(this.root)) return {};
    const { python, node } = this;
    return {
      show: { [this.root]: this.root },
      env: {
        ...(python === undefined ? {} : { PYTHONPATH: python }),
        ...(node === undefined ? {} : { NODE_PATH: node }),
      },
      path: [
        ...(node === undefined ? [] : [join(node, ".bin")]),
        ...(python === undefined ? [] : [join(python, "bin")]),
      ],
    };
  }
}

/**
 * Lets a module find packages by their names wherever it is: Node looks in the folders above the module only, which in a sandbox are not these.
 * A word for `--import`.
 */
export function nodeLoader(modules: string): string {
  const base = JSON.stringify(`file://${modules.split("/").map(encodeURIComponent).join("/")}/../code.mjs`);
  const code = `import { createRequire, registerHooks } from "node:module";
const base = ${base};
globalThis.require ??= createRequire(base);
registerHooks({ resolve(name, context, next) {
  try { return next(name, context); } catch (error) {
    if (/^(?:[./]|\\w+:)/.test(name)) throw error;
    try { return next(name, { ...context, parentURL: base }); } catch {}
    const missing = new Error("There is no package '" + name + "' here; install_package adds one.");
    missing.stack = String(missing);
    throw missing;
  }
} });`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}
