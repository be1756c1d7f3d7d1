import type { ChatRequest, ModelInfo, Sampling } from "../engines/types.ts";

/** How a model family wants to be asked. Anything left out falls back to Hearth's own defaults. */
export interface ModelProfile {
  /** Matched against the model's name and architecture, lower case. */
  match: RegExp;
  sampling: Sampling;
  /** What `think: auto` means for it; left out: the engine's own default. */
  think?: ChatRequest["think"];
}

/** Low, because a tool call wants the likeliest token, not a creative one. */
export const DEFAULT_TEMPERATURE = 0.1;

/**
 * The first match counts. The figures are the model cards' own; each family's card warns of endless repetition
 * under greedy decoding while it thinks.
 */
export const profiles: readonly ModelProfile[] = [
  { match: /^pocket\b/, sampling: { temperature: 0 } },
  { match: /gpt-?oss/, sampling: { temperature: 1, topP: 1 } },
  { match: /qwq|qwen3\.[5-9]|qwen3(?!-?coder).*think/, sampling: { temperature: 0.6, topP: 0.95, topK: 20 } },
  { match: /magistral|ministral.*reason/, sampling: { temperature: 0.7, topP: 0.95 } },
];

const fallback: ModelProfile = { match: /(?:)/, sampling: { temperature: DEFAULT_TEMPERATURE } };

export function profileOf(info: ModelInfo): ModelProfile {
  const key = `${info.name} ${info.architecture ?? ""}`.toLowerCase();
  return profiles.find((profile) => profile.match.test(key)) ?? fallback;
}

/** The user's wishes over the profile's. */
export function samplingFor(info: ModelInfo, wish: Sampling): Sampling {
  return { ...fallback.sampling, ...profileOf(info).sampling, ...wish };
}

/**
 * What to send as `think`: the user's wish, else the profile's; nothing at all to a model that says it can't think,
 * for engines refuse the request then.
 */
export function thinkFor(info: ModelInfo, wish: "auto" | ChatRequest["think"]): ChatRequest["think"] {
  const can = info.capabilities === undefined || info.capabilities.includes("thinking");
  if (!can) return undefined;
  if (wish !== undefined && wish !== "auto") return wish;
  return profileOf(info).think;
}
