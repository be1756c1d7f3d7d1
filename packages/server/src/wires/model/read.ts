import {
  type ChatRequest,
  type ImageBlock,
  isObject,
  type JsonObject,
  type JsonSchema,
  type ToolSchema,
} from "hearth";
import { RequestError } from "../../problem.ts";

/** A data URL as an image. Nothing is fetched: a URL of elsewhere would let any client send this machine anywhere. */
export function imageOf(url: string, param: string): ImageBlock {
  const found = /^data:(image\/[\w.+-]+);base64,([A-Za-z0-9+/=\s]+)$/.exec(url);
  if (found?.[1] === undefined || found[2] === undefined) {
    throw new RequestError(400, "An image must be a data URL with base64: `data:image/png;base64,…`.", {
      param,
      remedy: "Images are not fetched from elsewhere; send their bytes.",
    });
  }
  return { type: "image", mediaType: found[1], data: found[2].replace(/\s/g, "") };
}

/** JSON text of a call in a history. What can't be read counts as a call without arguments. */
export function argumentsOf(json: string | null | undefined): JsonObject {
  try {
    const value: unknown = JSON.parse(json ?? "");
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

export function toolSchema(
  name: string,
  description: string | null | undefined,
  parameters: JsonSchema | null | undefined,
): ToolSchema {
  return {
    name,
    description: description ?? "",
    parameters: parameters ?? { type: "object", properties: {} },
  };
}

/** Raises where a named tool is not among those given: a forced call could not be made. */
export function known(tools: readonly ToolSchema[], name: string, param: string): { name: string } {
  if (tools.some((tool) => tool.name === name)) return { name };
  throw new RequestError(400, `\`${param}\` names "${name}", which is not among the tools of the request.`, {
    param,
  });
}

/** Levels of thinking by OpenAI's names. */
export function thinkOf(effort: string | null | undefined): ChatRequest["think"] {
  if (effort === null || effort === undefined) return undefined;
  if (effort === "none" || effort === "minimal") return false;
  if (effort === "xhigh") return "high";
  return effort === "low" || effort === "medium" || effort === "high" ? effort : undefined;
}

/** Fields that are set, without those that are `null` or absent. */
export function present<T extends object>(fields: { [K in keyof T]: T[K] | null | undefined }): T {
  const entries = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries) as T;
}
