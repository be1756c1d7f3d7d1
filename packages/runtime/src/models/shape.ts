/** What the head of a GGUF file says, as far as memory follows from it. */
export interface ModelHead {
  /** `general.architecture`. */
  architecture?: string;
  /** Figures by their names without the architecture; a list where layers differ. */
  numbers?: Readonly<Record<string, number | readonly number[]>>;
  vocabulary?: number;
}

/** What one layer keeps of the text it has read. */
export type LayerMemory =
  /** Keys and values of every token; `window`: of the newest tokens only. */
  | { kind: "attention"; elements: number; window?: number }
  /** A state of fixed size for each sequence, 4 bytes an element. */
  | { kind: "recurrent"; elements: number }
  /** Uses what another layer keeps. */
  | { kind: "none" };

export interface Shape {
  layers: readonly LayerMemory[];
  /** Tokens in the vocabulary. */
  vocabulary: number;
  /** Width of the model. */
  embedding: number;
}

/**
 * Families whose files say the window but not which layers have it: every Nth layer reads everything, counted from 1
 * (llama.cpp `src/llama-model.cpp`, `set_swa_pattern`).
 */
const FULL_EVERY: Readonly<Record<string, number>> = {
  gemma2: 2,
  gemma3: 6,
  gemma3n: 5,
  "gpt-oss": 2,
  cohere2: 4,
  exaone4: 4,
};

/** Layers and sizes of a model. `undefined` where the head does not say enough. */
export function shapeOf({ architecture = "", numbers = {}, vocabulary = 0 }: ModelHead): Shape | undefined {
  const one = (name: string): number | undefined => {
    const value = numbers[name];
    return typeof value === "number" ? value : undefined;
  };
  const at = (name: string, layer: number): number | undefined => {
    const value = numbers[name];
    return typeof value === "object" ? value[layer] : value;
  };
  const blocks = one("block_count");
  const embedding = one("embedding_length");
  if (blocks === undefined || embedding === undefined) return undefined;
  const window = one("attention.sliding_window");
  const recurrent = recurrentElements(one);
  const shared = one("attention.shared_kv_layers") ?? 0;
  const layers: LayerMemory[] = [];
  for (let layer = 0; layer < blocks; layer++) {
    const heads = at("attention.head_count", layer) ?? 1;
    const kvHeads = at("attention.head_count_kv", layer) ?? heads;
    if (recurrent !== undefined && isRecurrent(layer, kvHeads, one("full_attention_interval"))) {
      layers.push({ kind: "recurrent", elements: recurrent });
      continue;
    }
    if (layer >= blocks - shared || kvHeads === 0) {
      layers.push({ kind: "none" });
      continue;
    }
    const windowed =
      window !== undefined &&
      isWindowed(
        architecture,
        layer,
        at("attention.sliding_window_pattern", layer),
        numbers["attention.sliding_window_pattern"],
      );
    const swa = windowed ? "_swa" : "";
    const key = one(`attention.key_length${swa}`) ?? one("attention.key_length") ?? embedding / heads;
    const value = one(`attention.value_length${swa}`) ?? one("attention.value_length") ?? key;
    layers.push({
      kind: "attention",
      elements: kvElements(kvHeads, key, value, one),
      ...(windowed ? { window } : {}),
    });
  }
  return { layers, vocabulary, embedding };
}

/** Elements that one token costs in one layer. Latent attention (MLA) keeps one vector for keys and values together. */
function kvElements(
  heads: number,
  key: number,
  value: number,
  one: (name: string) => number | undefined,
): number {
  const rank = one("attention.kv_lora_rank");
  if (rank !== undefined && one("attention.key_length_mla") !== undefined) {
    return rank + (one("rope.dimension_count") ?? 0);
  }
  return heads * (key + value);
}

/** The state of one recurrent layer: of its convolution, and of itself. `undefined`: the model has none. */
function recurrentElements(one: (name: string) => number | undefined): number | undefined {
  const inner = one("ssm.inner_size");
  const state = one("ssm.state_size");
  if (inner === undefined || state === undefined) return undefined;
  const width = inner + 2 * (one("ssm.group_count") ?? 0) * state;
  return Math.max(0, (one("ssm.conv_kernel") ?? 1) - 1) * width + state * inner;
}

function isRecurrent(layer: number, kvHeads: number, interval: number | undefined): boolean {
  return interval === undefined ? kvHeads === 0 : (layer + 1) % interval !== 0;
}

function isWindowed(
  architecture: string,
  layer: number,
  own: number | undefined,
  pattern: number | readonly number[] | undefined,
): boolean {
  // A list says it of each layer; a number is the period. Of other families all layers count as full: rather too much than too little.
  if (typeof pattern === "object") return own === 1;
  const every = pattern ?? FULL_EVERY[architecture];
  return every !== undefined && (layer + 1) % every !== 0;
}
