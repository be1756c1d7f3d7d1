import { statSync } from "node:fs";
import { readGgufHeaderSync } from "../discovery/gguf.ts";
import type { SpecialToken } from "../discovery/parse-gguf.ts";
import type { OpenOptions, OpenTimings } from "../protocol.ts";
import { gpuNeed, layersThatFit } from "./gpu.ts";
import { loadLibrary, type NativeContext, type NativeLibrary, type NativeModel } from "./native.ts";
import { chooseThreads, readCores, Threads } from "./threads.ts";

/** Tokens of one batch: the bound of one piece of prefill. */
export const BATCH_TOKENS = 512;

/** An opened model with its one sequence. */
export interface Opened {
  library: NativeLibrary;
  model: NativeModel;
  context: NativeContext;
  /** Tokens of the window. */
  window: number;
  threads: Threads;
  /** No layer is on a GPU. */
  cpuOnly: boolean;
  timings: OpenTimings;
  /** Read from the file when first asked for. */
  specialTokens(): readonly SpecialToken[];
}

/** −1 asks for as many layers as the GPU's free memory holds. */
function gpuLayers(library: NativeLibrary, options: OpenOptions): number {
  if (options.gpuLayers >= 0 || library.getGpuType() === false) return Math.max(0, options.gpuLayers);
  const { total, used } = library.getGpuVramInfo();
  const header = readGgufHeaderSync(options.model);
  return layersThatFit(gpuNeed(header, statSync(options.model).size, options.contextTokens), total - used);
}

/** Loads library, model, context and adapter. Raises an error with a plain reason. */
export async function openModel(options: OpenOptions, log: (message: string) => void): Promise<Opened> {
  const boot = performance.now();
  const library = await loadLibrary(options, log);
  const loaded = performance.now();
  const layers = gpuLayers(library, options);
  const model = new library.AddonModel(options.model, {
    gpuLayers: layers,
    useMmap: library.getSupportsMmap(),
  });
  if (!(await model.init())) throw new Error("the model could not be loaded");
  const modelled = performance.now();
  const trained = model.getTrainContextSize();
  const wanted = trained > 0 ? Math.min(options.contextTokens, trained) : options.contextTokens;
  const ideal = options.threads ?? chooseThreads(readCores());
  const context = new library.AddonContext(model, {
    contextSize: wanted,
    batchSize: Math.min(BATCH_TOKENS, wanted),
    sequences: 1,
    threads: ideal,
    // The sliding-window cache forgets what a shared prefix needs; the full one costs memory, and turn 2 is read in no time.
    swaFullCache: true,
    flashAttention: "auto",
  });
  if (!(await context.init())) throw new Error(`no memory for a window of ${wanted} tokens`);
  if (options.adapter !== undefined) {
    const adapter = new library.AddonModelLora(model, options.adapter);
    await model.loadLora(adapter);
    context.setLoras([adapter], [1]);
  }
  let special: readonly SpecialToken[] | undefined;
  return {
    library,
    model,
    context,
    window: Math.min(wanted, context.getContextSize()),
    threads: new Threads(ideal),
    cpuOnly: layers === 0,
    timings: {
      boot,
      library: loaded - boot,
      model: modelled - loaded,
      context: performance.now() - modelled,
    },
    specialTokens: () => (special ??= readGgufHeaderSync(options.model).specialTokens),
  };
}
