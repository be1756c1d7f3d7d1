import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../folders.ts";
import type { BaseModel } from "./base.ts";

export function modelsFolder(cache = cacheFolder()): string {
  return join(cache, "models");
}

/** A note beside a checked file, so that later starts need not hash it again: the hash, and what would change with the content. */
interface Stamp {
  sha256: string;
  bytes: number;
  mtimeMs: number;
}

function stampOf(base: BaseModel, file: string): Stamp {
  const { size, mtimeMs } = statSync(file);
  return { sha256: base.sha256, bytes: size, mtimeMs };
}

/** The file of a model that was fetched and checked before, unchanged since; undefined where it must be fetched. */
export function presentModel(base: BaseModel, folder = modelsFolder()): string | undefined {
  const file = join(folder, base.file);
  try {
    const now = stampOf(base, file);
    if (now.bytes !== base.bytes) return undefined;
    return readFileSync(`${file}.checked`, "utf8") === JSON.stringify(now) ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Notes that this file was checked. */
export function stampModel(base: BaseModel, folder = modelsFolder()): void {
  const file = join(folder, base.file);
  writeFileSync(`${file}.checked`, JSON.stringify(stampOf(base, file)));
}
