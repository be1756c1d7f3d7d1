import { realpath, stat } from "node:fs/promises";
import { totalmem } from "node:os";
import type { ModelInfo } from "hearth";
import { readGgufHeader } from "./gguf.ts";
import type { GgufHeader } from "./parse-gguf.ts";
import { type Candidate, candidates, type Places } from "./places.ts";

/** A model file found on this machine, put there by another program. */
export interface LocalModel {
  /** As its program names it: `qwen3:8b`, `org/repo/file.gguf`. */
  name: string;
  /** The program: `hearth` (`hearth pull`), `ollama`, `lmstudio`, `huggingface`, `llama.cpp`, `node-llama-cpp`. */
  source: string;
  file: string;
  /** Its template knows tools. */
  tools: boolean;
  /** The weights fit into this machine's memory. */
  fits: boolean;
  info: ModelInfo;
  /** Of its head: what its memory follows from. */
  head: Pick<GgufHeader, "architecture" | "numbers" | "vocabulary">;
}

const AT_ONCE = 8;
/** Weights and a window, against the memory that a machine can spare. */
const ROOM = 1.2;
const SPARE = 0.75;
/** Embedders, rankers, vision and speech parts: GGUF files that do not answer. */
const NO_CHAT =
  /^(clip|.*bert.*|.*embed.*|t5encoder|siglip.*|whisper|mmproj|wavtokenizer-dec|gemma-embedding)$/;

/**
 * GGUF models that Ollama, LM Studio, llama.cpp and the Hugging Face tools have put on this machine. Reads heads of files only.
 * Best first: those that know tools, those that fit the memory, the largest. Never fails; what can't be read is left out.
 */
export async function findLocalModels(places: Places = {}): Promise<LocalModel[]> {
  const found = await candidates(places);
  const seen = new Set<string>();
  const models: LocalModel[] = [];
  const memory = places.memoryBytes ?? totalmem();
  let next = 0;
  const reader = async () => {
    for (;;) {
      const candidate = found[next++];
      if (candidate === undefined) return;
      const model = await read(candidate, seen, memory);
      if (model !== undefined) models.push(model);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, reader));
  const size = (model: LocalModel) => model.info.bytes ?? 0;
  return models.sort(
    (a, b) =>
      Number(b.tools) - Number(a.tools) ||
      Number(b.fits) - Number(a.fits) ||
      (a.fits ? size(b) - size(a) : size(a) - size(b)) ||
      a.name.localeCompare(b.name),
  );
}

async function read(
  candidate: Candidate,
  seen: Set<string>,
  memory: number,
): Promise<LocalModel | undefined> {
  try {
    const real = await realpath(candidate.file);
    if (seen.has(real)) return undefined;
    seen.add(real);
    const header = await readGgufHeader(candidate.file);
    if (!answers(header, candidate.name)) return undefined;
    let bytes = header.bytes;
    for (const part of candidate.parts ?? []) bytes += (await stat(part)).size;
    const template = header.templates?.["tool_use"] ?? header.template;
    const tools = /\btools\b/.test(template ?? "");
    const info: ModelInfo = {
      name: candidate.name,
      bytes,
      capabilities: tools ? ["completion", "tools"] : ["completion"],
    };
    if (header.contextTokens !== undefined) info.maxContextTokens = header.contextTokens;
    if (header.architecture !== undefined) info.architecture = header.architecture;
    if (template !== undefined) info.template = { kind: "jinja", text: template };
    info.details = { file: candidate.file, source: candidate.source, title: header.name };
    const fits = bytes * ROOM < memory * SPARE;
    const { name, source, file } = candidate;
    const { architecture, numbers, vocabulary } = header;
    const head = {
      ...(architecture && { architecture }),
      ...(numbers && { numbers }),
      ...(vocabulary && { vocabulary }),
    };
    return { name, source, file, tools, fits, info, head };
  } catch {
    // No GGUF, cut off, not ours to read, or gone: not a model for us.
    return undefined;
  }
}

/** Whether this file holds a model that continues text. */
function answers(header: GgufHeader, name: string): boolean {
  if (header.tensors === 0 || (header.kind !== undefined && header.kind !== "model")) return false;
  if (header.pooling !== undefined && header.pooling !== 0) return false;
  return !NO_CHAT.test(header.architecture ?? "") && !/mmproj/i.test(name);
}
