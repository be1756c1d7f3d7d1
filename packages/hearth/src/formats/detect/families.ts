import { dialectById } from "../dialects/index.ts";

export interface Family {
  /** Matched against the model's name without its owner, tag and quantisation. */
  name: RegExp;
  format: string;
}

/**
 * Model names to formats, for servers that give no template. The first row that matches counts, so the particular stands
 * before the general. Written from the catalogue of formats; a name only ever suggests.
 */
export const families: readonly Family[] = rows([
  ["gpt-?oss", "harmony"],
  ["beam", "beam"],
  ["muse", "glimmer"],
  ["inkling", "inkling"],
  ["solar-?open", "solar-open"],
  ["minimax-?m3", "minimax-m3"],
  ["minimax-?m2", "minimax-m2"],
  ["minimax-?m1|jamba|hunyuan-?a13b", "tool-calls-json"],
  ["deepseek-?v(3\\.2|4)|deepseek-?(4|math)", "dsml"],
  ["deepseek|cogito|r1-distill", "deepseek-v3"],
  ["step-?3(?![.\\d])", "step3"],
  ["step-?3\\.", "qwen3-coder"],
  ["kimi-?k3", "kimi-k3"],
  ["kimi|moonlight", "kimi-k2"],
  ["plamo", "plamo-3"],
  ["k2-?horizon", "k2-horizon"],
  ["hunyuan|hy-?[34]\\b", "hy3"],
  ["laguna|poolside", "laguna"],
  ["glm|chatglm|zai|ling-?[3-9]|spark-?2", "glm"],
  ["seed-?oss", "seed-oss"],
  ["minicpm-?v", "minicpm-v"],
  ["minicpm", "minicpm5"],
  ["dots", "dots"],
  ["qwen-?3-?coder|qwen-?3\\.[5-9]|qwen3next-coder|nemotron-?3|mimo-?v2|ornith", "qwen3-coder"],
  ["functiongemma", "functiongemma"],
  ["gemma-?4", "gemma4"],
  ["gemma", "gemma3"],
  ["lfm-?2|liquid", "lfm2"],
  ["olmo", "olmo3"],
  ["command-?r-?7b|command-?a|command-?[4-9]|c4ai-command-r7b|cohere-?2", "command-r7b"],
  ["command-?r|c4ai", "command-r-plus"],
  ["apertus", "apertus"],
  ["gigachat", "gigachat"],
  ["intern", "internlm2"],
  ["nemotron-?nano|nvidia-nemotron", "nemotron-v2"],
  ["apriel-?1\\.6", "apriel-1.6"],
  ["apriel", "apriel"],
  ["longcat", "longcat"],
  ["granite-?20b", "granite-20b-fc"],
  ["granite-?4", "hermes"],
  ["granite", "granite"],
  ["ministral-?3|devstral|magistral|mistral-?small-?3\\.[2-9]|mistral-?medium", "mistral-v11"],
  ["mistral|mixtral|codestral|ministral", "mistral-v3"],
  ["functionary.*3\\.1", "functionary-v3.1"],
  ["functionary", "functionary-v3.2"],
  ["xlam", "xlam"],
  ["phi-?4-?mini|firefunction", "functools"],
  ["ernie", "ernie"],
  ["toolace|llama-?4|llama.*pythonic", "pythonic"],
  ["hermes|qwen|qwq|bielik|reka|jan\\b|trinity|mirothinker|mimo|smollm3|exaone-?4|nous", "hermes"],
  ["llama-?3|llama3", "llama-json"],
  ["smollm2", "json"],
]);

function rows(table: readonly (readonly [pattern: string, format: string])[]): Family[] {
  return table.map(([pattern, format]) => ({ name: new RegExp(`(?:^|[^a-z])(?:${pattern})`, "i"), format }));
}

/** The format that a model's name suggests (`qwen3:8b`, `unsloth/Qwen3-Coder-30B-GGUF`); undefined where it suggests none. */
export function formatOfModel(name: string): string | undefined {
  const plain = name.trim().replace(/[\s_]+/g, "-");
  const bare = plain.split("/").at(-1) ?? plain;
  const format = families.find((family) => family.name.test(bare) || family.name.test(plain))?.format;
  return format === undefined ? undefined : dialectById(format)?.id;
}
