import { isObject, type JsonObject } from "../../protocol/index.ts";
import { amountAt, defined, objectAt, textAt, textsAt } from "../read-json.ts";
import type { ModelInfo } from "../types.ts";

/** What a server said of itself beside the OpenAI wire. Absent where it does not have that route. */
export interface ServerFacts {
  /** llama-server's `/props`: its window, template, and what the template can. */
  props?: JsonObject;
  /** LM Studio's `/api/v0/models`: rows with windows, kinds, capabilities. */
  rows?: JsonObject[];
  /** `/tokenize` works (llama-server, vLLM, SGLang). */
  tokenizes: boolean;
}

/** A row of `/v1/models` with what else is known of it. Windows stand in five places, by server. */
export function modelOf(row: JsonObject, facts: ServerFacts): ModelInfo {
  const name = textAt(row, "id") ?? "";
  const meta = objectAt(row, "meta");
  const studio = facts.rows?.find((one) => textAt(one, "id") === name) ?? {};
  const props = facts.props ?? {};
  const template = textAt(props, "chat_template");
  // vLLM and SGLang serve exactly this window; llama-server gives the one of a slot.
  const served =
    amountAt(row, "max_model_len") ??
    amountAt(objectAt(props, "default_generation_settings"), "n_ctx") ??
    amountAt(meta, "n_ctx") ??
    amountAt(studio, "loaded_context_length");
  const made =
    amountAt(meta, "n_ctx_train") ??
    amountAt(studio, "max_context_length") ??
    amountAt(row, "max_model_len") ??
    amountAt(row, "context_length") ??
    amountAt(row, "context_window");
  return defined<ModelInfo>({
    name,
    maxContextTokens: made,
    loadedContextTokens: served,
    capabilities: capabilitiesOf(props, studio),
    template: template === undefined || template === "" ? undefined : { kind: "jinja", text: template },
    architecture: textAt(studio, "arch"),
    bytes: amountAt(meta, "size"),
    format: undefined,
    details: defined<JsonObject>({
      owner: textAt(row, "owned_by"),
      quantization: textAt(studio, "quantization") ?? textAt(meta, "ftype"),
      state: textAt(studio, "state"),
      parameterCount: amountAt(meta, "n_params"),
      templateCaps: isObject(props["chat_template_caps"]) ? props["chat_template_caps"] : undefined,
    }),
  });
}

/**
 * Only what a server vouches for. Both llama-server and LM Studio bring tools to models whose template has none, so
 * where they don't list them nothing is known, and nothing is said.
 */
function capabilitiesOf(props: JsonObject, studio: JsonObject): string[] | undefined {
  const type = textAt(studio, "type");
  if (type === "embeddings") return ["embedding"];
  const caps = objectAt(props, "chat_template_caps");
  const tools = caps["supports_tools"] === true || textsAt(studio, "capabilities").includes("tool_use");
  if (!tools) return undefined;
  const vision = type === "vlm" || objectAt(props, "modalities")["vision"] === true;
  const thinks = /enable_thinking|reasoning_content|<think>/.test(textAt(props, "chat_template") ?? "");
  return ["completion", "tools", ...(thinks ? ["thinking"] : []), ...(vision ? ["vision"] : [])];
}

/** Loaded ones first, as far as the server tells; what only embeds last. */
export function byUse(a: ModelInfo, b: ModelInfo): number {
  return rank(a) - rank(b);
}

function rank({ capabilities, details }: ModelInfo): number {
  if (capabilities?.includes("embedding")) return 3;
  if (details?.["state"] === "loaded") return 0;
  return capabilities?.includes("tools") ? 1 : 2;
}
