import type { JsonObject } from "../protocol/index.ts";
import { dialects } from "./dialects/index.ts";
import { recorded } from "./recorded.ts";

export interface Family {
  /** As people or the owners of a parser call it. */
  name: string;
  /** Id of the format it writes. */
  format: string;
  /** Options of the format that go with it. */
  options?: JsonObject;
}

/** Names that a descriptor's list of models does not spell. */
const SPELLINGS: Readonly<Record<string, string>> = {
  qwen: "hermes",
  qwen2: "hermes",
  "qwen3.7": "qwen3-coder",
  nemotron3: "qwen3-coder",
  "nemotron-3": "qwen3-coder",
  mimo: "qwen3-coder",
  step3p5: "qwen3-coder",
  llama3: "llama-json",
  llama4: "pythonic",
  mistral: "mistral-v11",
  "mistral-nemo": "mistral-v3",
  mixtral: "mistral-v3",
  ministral: "mistral-v11",
  deepseek: "deepseek-v3",
  "deepseek-v4": "dsml",
  "deepseek-v3.2": "dsml",
  glm: "glm",
  "glm-4": "glm",
  kimi: "kimi-k2",
  minimax: "minimax-m2",
  gemma: "gemma3",
  "gpt-oss": "harmony",
  granite: "granite",
  granite4: "hermes",
  "granite-4": "hermes",
  "command-r": "command-r-plus",
  cohere: "command-r7b",
  phi4: "functools",
  "phi-4": "functools",
  nemotron: "nemotron-v2",
  xlam: "xlam",
  lfm2: "lfm2",
  "lfm2.5": "lfm2",
  olmo3: "olmo3",
  hunyuan: "tool-calls-json",
  "hunyuan-a13b": "tool-calls-json",
  ernie: "ernie",
  internlm: "internlm2",
  apriel: "apriel",
  functionary: "functionary-v3.2",
  gigachat: "gigachat",
  smollm: "hermes",
  exaone: "hermes",
  ling: "glm",
  spark: "glm",
  plamo: "plamo-3",
  json: "json",
};

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9.]/g, "");

/** Model families by the names people use, each with its format. */
export const families: readonly Family[] = dialects.flatMap((dialect) =>
  dialect.models.map((name) => ({ name, format: dialect.id })),
);

const known = new Map<string, Family>();
for (const [name, format] of Object.entries(SPELLINGS)) known.set(plain(name), { name, format });
for (const family of families) known.set(plain(family.name), family);
for (const dialect of dialects) known.set(plain(dialect.id), { name: dialect.id, format: dialect.id });

/** Short names of the families that write this format. */
export function shortNames(format: string): string[] {
  return [...known].filter(([, family]) => family.format === format).map(([name]) => name);
}

const owners = new Map<string, Family>();
for (const [format, groups] of Object.entries(recorded))
  for (const { names, options } of groups)
    for (const name of names.split(" "))
      owners.set(name, options === undefined ? { name, format } : { name, format, options });

/**
 * The family a name stands for: a parser's or template's name as in the recorded texts, a family's name, or a model's name
 * that begins with one (`qwen3-coder:30b`). Undefined where none fits.
 */
export function familyOf(name: string): Family | undefined {
  const owner = owners.get(name);
  if (owner !== undefined) return owner;
  const key = plain(name.slice(name.lastIndexOf("/") + 1));
  const exact = known.get(key);
  if (exact !== undefined) return exact;
  let best: Family | undefined;
  let length = 2;
  for (const [start, family] of known)
    if (start.length > length && key.startsWith(start)) {
      best = family;
      length = start.length;
    }
  return best;
}
