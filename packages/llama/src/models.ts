import { existsSync } from "node:fs";
import { extname, resolve, sep } from "node:path";
import { type ModelInfo, ModelNotFoundError } from "hearth";
import { readGgufHeader } from "./discovery/gguf.ts";
import { findLocalModels } from "./discovery/local.ts";
import { GgufError } from "./discovery/parse-gguf.ts";
import { BASE, POCKET_CONTEXT_TOKENS, POCKET_MAX_CONTEXT_TOKENS, pocketAdapter } from "./model/base.ts";
import { DEFAULT_CONTEXT_TOKENS } from "./model/open.ts";
import { modelsFolder, presentModel } from "./model/stamp.ts";

/** The model this package brings: the base with the pocket adapter on it. */
export const POCKET = "pocket";
/** The same base without the adapter. */
const BARE = "smollm2-135m-instruct";

/** A model by the name it was asked for. */
export interface KnownModel {
  name: string;
  /** The file; undefined: the base, which is fetched when first needed. */
  file?: string;
  adapter?: string;
  /** Window where the request does not say. */
  contextTokens: number;
  format?: string;
}

/**
 * What a name means: `pocket`, the bare base, a GGUF file, or a model found on this machine. Raises `ModelNotFoundError`.
 * `adapter` lays another adapter over it.
 */
export async function resolveModel(name: string, adapter?: string): Promise<KnownModel> {
  const lower = name.toLowerCase();
  if (lower === POCKET) {
    return {
      name: POCKET,
      adapter: adapter ?? pocketAdapter(),
      contextTokens: POCKET_CONTEXT_TOKENS,
      format: POCKET,
    };
  }
  const over = adapter === undefined ? {} : { adapter: resolve(adapter) };
  if (lower === BARE) return { name: BARE, ...over, contextTokens: POCKET_CONTEXT_TOKENS };
  const path = extname(lower) === ".gguf" || name.includes(sep);
  if (path && existsSync(name)) {
    return { name, file: resolve(name), ...over, contextTokens: DEFAULT_CONTEXT_TOKENS };
  }
  // Names of other programs' models may look like paths too: `org/repo/file.gguf`.
  const local = await findLocalModels();
  const found = local.find((model) => model.name.toLowerCase() === lower);
  if (found !== undefined) return { name, file: found.file, ...over, contextTokens: DEFAULT_CONTEXT_TOKENS };
  if (path) {
    throw new ModelNotFoundError(`There is no file ${resolve(name)}.`, {
      remedy: "Give the path of a GGUF file.",
    });
  }
  const names = [POCKET, ...local.slice(0, 5).map((model) => model.name)];
  throw new ModelNotFoundError(`The embedded engine has no model "${name}".`, {
    remedy: `Give the path of a GGUF file, or one of: ${names.join(", ")}.`,
  });
}

/** What the file's head says of a model. Raises `ModelNotFoundError` for a file that is no model. */
export async function describeModel(known: KnownModel, cache: string): Promise<ModelInfo> {
  const file = known.file ?? presentModel(BASE, modelsFolder(cache));
  const format = known.format === undefined ? {} : { format: known.format };
  if (file === undefined) {
    return {
      name: known.name,
      maxContextTokens: POCKET_MAX_CONTEXT_TOKENS,
      defaultContextTokens: known.contextTokens,
      architecture: "llama",
      bytes: BASE.bytes,
      capabilities: ["completion", "tools"],
      details: { license: BASE.license, download: BASE.title },
      ...format,
    };
  }
  try {
    const header = await readGgufHeader(file);
    const info: ModelInfo = { name: known.name, bytes: header.bytes, ...format };
    if (header.contextTokens !== undefined) info.maxContextTokens = header.contextTokens;
    info.defaultContextTokens = known.contextTokens;
    if (header.architecture !== undefined) info.architecture = header.architecture;
    const template = header.templates?.["tool_use"] ?? header.template;
    if (template !== undefined) info.template = { kind: "jinja", text: template };
    info.capabilities = capabilities(template, known.format);
    info.details = { file, title: header.name, license: header.license, bos: header.bos, eos: header.eos };
    return info;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const what = error instanceof GgufError ? `is no readable GGUF file: ${why}` : `can't be read: ${why}`;
    throw new ModelNotFoundError(`${file} ${what}.`, { cause: error, remedy: "Fetch the file anew." });
  }
}

function capabilities(template: string | undefined, format: string | undefined): string[] {
  const tools = format !== undefined || /\btools\b/.test(template ?? "");
  return tools ? ["completion", "tools"] : ["completion"];
}
