import { createRequire } from "node:module";
import type { OpenOptions } from "../protocol.ts";

/**
 * The part of node-llama-cpp's native library that we use (its `AddonTypes`, version in `native/version.ts`). We load it
 * without the JavaScript around it: importing that, its test process and its own GGUF reader take 0.9 s of the 1.1 s to a
 * ready model (measured); the test process guards against a crash that can't hurt us, as this process is ours to lose.
 */
export interface NativeModel {
  init(): Promise<boolean>;
  loadLora(lora: NativeLora): Promise<void>;
  tokenize(text: string, special: boolean): Uint32Array;
  detokenize(tokens: Uint32Array, special: boolean): string;
  getTrainContextSize(): number;
  isEogToken(token: number): boolean;
  tokenBos(): number;
  shouldPrependBosToken(): boolean;
}

export interface NativeLora {
  readonly filePath: string;
}

export interface NativeGrammar {
  isTextCompatible(text: string): boolean;
}

/** Opaque. */
export type NativeGrammarState = object;

export interface SamplerConfig {
  temperature: number;
  minP: number;
  topK: number;
  topP: number;
  seed: number;
  grammarEvaluationState?: NativeGrammarState;
  tokenBiasKeys?: Uint32Array;
  tokenBiasValues?: Float32Array;
}

export interface NativeSampler {
  applyConfig(config: SamplerConfig): void;
  dispose(): void;
}

export interface NativeContext {
  init(): Promise<boolean>;
  getContextSize(): number;
  initBatch(size: number): void;
  /** Returns the places of the wanted logits in the batch. */
  addToBatch(sequence: number, position: number, tokens: Uint32Array, logitsAt: Uint32Array): Uint32Array;
  decodeBatch(): Promise<void>;
  /** −1: no token is allowed. */
  sampleToken(place: number, sampler: NativeSampler): Promise<number>;
  sampleToken(
    place: number,
    sampler: NativeSampler,
    probabilities: true,
  ): Promise<[token: number, probabilities?: number[]]>;
  disposeSequence(sequence: number): void;
  /** False: this model can't forget a part; drop the whole sequence. */
  removeTokenCellsFromSequence(sequence: number, start: number, end: number): boolean;
  setThreads(threads: number): void;
  saveSequenceStateToFile(file: string, sequence: number, tokens: Uint32Array): Promise<number>;
  loadSequenceStateFromFile(file: string, sequence: number, maxTokens: number): Promise<Uint32Array>;
  setLoras(loras: NativeLora[], scales: number[]): void;
}

export interface NativeLibrary {
  AddonModel: new (
    file: string,
    options: { gpuLayers: number; useMmap: boolean; checkTensors?: boolean },
  ) => NativeModel;
  AddonModelLora: new (model: NativeModel, file: string) => NativeLora;
  AddonContext: new (
    model: NativeModel,
    options: {
      contextSize: number;
      batchSize: number;
      sequences: number;
      threads: number;
      flashAttention: boolean | "auto";
      swaFullCache: boolean;
    },
  ) => NativeContext;
  AddonGrammar: new (gbnf: string, options: { rootRuleName: string }) => NativeGrammar;
  AddonGrammarEvaluationState: new (model: NativeModel, grammar: NativeGrammar) => NativeGrammarState;
  AddonSampler: new (model: NativeModel) => NativeSampler;
  markLoaded(): boolean;
  setLogger(logger: (level: number, message: string) => void): void;
  setLoggerLogLevel(level: number): void;
  getGpuType(): string | false | undefined;
  getGpuVramInfo(): { total: number; used: number };
  getSupportsMmap(): boolean;
  loadBackends(folder?: string): void;
  init(): Promise<void>;
}

/** Errors and worse; the library's scale goes from 0 (silent) to 6 (debug). */
const LOG_ERRORS = 2;

/** Loads the library and its compute backends. What it logs goes to `log`. */
export async function loadLibrary(
  options: Pick<OpenOptions, "addon" | "backends">,
  log: (message: string) => void,
): Promise<NativeLibrary> {
  const library: NativeLibrary = createRequire(import.meta.url)(options.addon);
  library.markLoaded();
  library.setLogger((_level, message) => log(message));
  library.setLoggerLogLevel(LOG_ERRORS);
  for (const folder of options.backends) library.loadBackends(folder);
  if (library.getGpuType() === undefined) throw new Error("no compute backend fits this processor");
  await library.init();
  return library;
}
