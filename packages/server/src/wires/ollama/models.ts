import { createHash } from "node:crypto";
import type { JsonObject, ModelInfo } from "hearth";

const LONG_AGO = "1970-01-01T00:00:00Z";

/** A row of `/api/tags`. */
export function tagOf(info: ModelInfo): JsonObject {
  const { name, bytes, maxContextTokens, capabilities, details } = info;
  return {
    name,
    model: name,
    modified_at: textOf(details?.["modified"]) ?? LONG_AGO,
    size: bytes ?? 0,
    // Clients tell models apart by it; where the engine has none it is made of the name.
    digest: textOf(details?.["digest"]) ?? createHash("sha256").update(name).digest("hex"),
    details: {
      ...detailsOf(info),
      ...(maxContextTokens === undefined ? {} : { context_length: maxContextTokens }),
    },
    capabilities: capabilities ?? ["completion"],
  };
}

/** A row of `/api/ps`: those that the engine says are loaded. */
export function runningOf(info: ModelInfo): JsonObject {
  const { capabilities: _, modified_at: __, ...row } = tagOf(info);
  return {
    ...row,
    expires_at: "9999-12-31T23:59:59Z",
    size_vram: 0,
    context_length: info.loadedContextTokens ?? 0,
  };
}

/** The reply of `/api/show`; what the engine does not tell is left out or empty. */
export function shownOf(info: ModelInfo): JsonObject {
  const { architecture, maxContextTokens, template, capabilities, details } = info;
  const family = architecture ?? "unknown";
  const parameters = details?.["parameterCount"];
  return {
    modelfile: "",
    parameters: textOf(details?.["defaults"]) ?? "",
    template: template?.text ?? "",
    details: detailsOf(info),
    model_info: {
      "general.architecture": family,
      ...(typeof parameters === "number" ? { "general.parameter_count": parameters } : {}),
      ...(maxContextTokens === undefined ? {} : { [`${family}.context_length`]: maxContextTokens }),
    },
    capabilities: capabilities ?? ["completion"],
    modified_at: textOf(details?.["modified"]) ?? LONG_AGO,
  };
}

function detailsOf({ architecture, details }: ModelInfo): JsonObject {
  return {
    parent_model: "",
    format: "gguf",
    family: architecture ?? "",
    families: architecture === undefined ? [] : [architecture],
    parameter_size: textOf(details?.["parameters"]) ?? "",
    quantization_level: textOf(details?.["quantization"]) ?? "",
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
