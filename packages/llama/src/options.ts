import type { CompletionRequest, Engine, EngineEvent } from "hearth";
import type { DownloadProgress } from "./model/base.ts";

export interface EmbeddedOptions {
  /** `pocket` (default), the path of a GGUF file, or the name of a model found on this machine. */
  model?: string;
  /** A LoRA adapter (GGUF) laid over the model. */
  adapter?: string;
  /** Tokens of the window where a request does not say. Default 4096 for pocket, 8192 else, never more than the model's own. */
  contextTokens?: number;
  /** Threads for computing. Default: one on two cores or fewer, else one less than there are cores, within the cgroup's quota. */
  threads?: number;
  /** False: never use a GPU. Default: used where its pack is installed. */
  gpu?: boolean;
  /** False: load a model even where the free memory can't hold it. Default true: it is refused before a process is started. */
  memoryGuard?: boolean;
  /** After so long without a request the process is ended and its memory free again; the next request starts another. Default 5 minutes; 0: never. */
  idleMs?: number;
  /** Where models and prefix states are kept. Default `~/.cache/hearth`. */
  cache?: string;
  /** Told while the model is downloaded. */
  onProgress?: (progress: DownloadProgress) => void;
}

export interface EmbeddedEngine extends Engine {
  complete(request: CompletionRequest, signal: AbortSignal): AsyncIterable<EngineEvent>;
  countTokens(model: string, text: string, signal?: AbortSignal): Promise<number>;
  /**
   * How likely each candidate is to follow the prompt: the sum of its tokens' log-probabilities, natural logarithm, without
   * temperature or grammar. The prompt is read once.
   */
  score(
    request: { model: string; prompt: string; candidates: readonly string[]; contextTokens?: number },
    signal?: AbortSignal,
  ): Promise<number[]>;
  /** Starts the child process where the model is on disk; returns at once. */
  prewarm(): void;
  /** The child's process id, while there is one. */
  readonly pid: number | undefined;
}
