import type { JsonObject } from "../../protocol/index.ts";
import { amountAt, defined, objectAt, textAt, textsAt } from "../read-json.ts";
import type { ModelInfo } from "../types.ts";

/** Below this, tools and streaming don't go together, and `tool_name` is not known. */
const OLDEST = [0, 3, 0];

/** A row of `/api/tags`. Since 0.33 it carries the capabilities and the window the model was made for. */
export function modelOfTag(row: JsonObject): ModelInfo {
  const details = objectAt(row, "details");
  const capabilities = textsAt(row, "capabilities");
  return defined<ModelInfo>({
    name: textAt(row, "name") ?? textAt(row, "model") ?? "",
    maxContextTokens: amountAt(details, "context_length"),
    loadedContextTokens: undefined,
    capabilities: capabilities.length === 0 ? undefined : capabilities,
    template: undefined,
    architecture: textAt(details, "family"),
    bytes: amountAt(row, "size"),
    format: undefined,
    details: defined<JsonObject>({
      parameters: textAt(details, "parameter_size"),
      quantization: textAt(details, "quantization_level"),
      digest: textAt(row, "digest"),
      modified: textAt(row, "modified_at"),
    }),
  });
}

/** The reply of `/api/show`. */
export function modelOfShow(name: string, shown: JsonObject): ModelInfo {
  const info = objectAt(shown, "model_info");
  const details = objectAt(shown, "details");
  const architecture = textAt(info, "general.architecture") ?? textAt(details, "family");
  const template = textAt(shown, "template");
  return defined<ModelInfo>({
    name,
    maxContextTokens: amountAt(info, `${architecture}.context_length`),
    loadedContextTokens: undefined,
    capabilities: capabilitiesOf(shown, template),
    template: template === undefined || template === "" ? undefined : { kind: "go", text: template },
    architecture,
    bytes: undefined,
    format: undefined,
    details: defined<JsonObject>({
      parameters: textAt(details, "parameter_size"),
      quantization: textAt(details, "quantization_level"),
      parameterCount: amountAt(info, "general.parameter_count"),
      modified: textAt(shown, "modified_at"),
      defaults: textAt(shown, "parameters"),
    }),
  });
}

/** Before 0.6.4 `/api/show` lists none; they are then what Ollama itself takes them from: the template's variables. */
function capabilitiesOf(shown: JsonObject, template: string | undefined): string[] | undefined {
  if (Array.isArray(shown["capabilities"])) return textsAt(shown, "capabilities");
  if (template === undefined) return undefined;
  const found = ["completion"];
  if (/\.Tools\b/.test(template)) found.push("tools");
  if (/\.Suffix\b/.test(template)) found.push("insert");
  if (shown["projector_info"] !== undefined) found.push("vision");
  return found;
}

/** `smol` and `smol:latest` are one model. */
export function sameModel(a: string, b: string): boolean {
  return tagged(a) === tagged(b);
}

function tagged(name: string): string {
  const last = name.slice(name.lastIndexOf("/") + 1);
  return (last.includes(":") ? name : `${name}:latest`).toLowerCase();
}

/** A sentence about a version that is too old. Builds from source call themselves 0.0.0 and are taken for new. */
export function versionWarning(version: string): string | undefined {
  const parts = version.split(/[.-]/).slice(0, 3).map(Number);
  if (parts.length < 3 || parts.some(Number.isNaN) || parts.every((part) => part === 0)) return undefined;
  const at = parts.findIndex((part, i) => part !== OLDEST[i]);
  if (at === -1 || parts[at]! > OLDEST[at]!) return undefined;
  return `Ollama ${version} is older than ${OLDEST.join(".")}: its tool calls can't be relied on. Update it.`;
}

/** Those that can act first, loaded ones before others; what only embeds comes last. */
export function byUse(a: ModelInfo, b: ModelInfo): number {
  return rank(a) - rank(b);
}

function rank({ capabilities, loadedContextTokens }: ModelInfo): number {
  const loaded = loadedContextTokens === undefined ? 1 : 0;
  if (capabilities === undefined) return 2 + loaded;
  if (capabilities.includes("tools")) return loaded;
  return capabilities.includes("completion") ? 2 + loaded : 4;
}
