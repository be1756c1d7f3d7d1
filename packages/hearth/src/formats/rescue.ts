import type { ToolSchema } from "../protocol/index.ts";
import { hermes } from "./dialects/hermes.ts";
import { type CallSyntax, type Dialect, dialectById, type Section } from "./dialects/index.ts";
import { Machine } from "./engine/machine.ts";
import type { FormatParser } from "./types.ts";

export interface RescueOptions {
  tools: readonly ToolSchema[];
  /** Id of the model's format, where it is known. */
  format?: string;
  /** What the engine says of the model; its `format` is used where it has one. */
  model?: { format?: string };
}

/** Wrappers that leak through servers most often, whatever the model. */
const COMMON = ["hermes", "qwen3-coder", "json"];

const mixes = new Map<string, Dialect>();

/**
 * Watches the text of a server that parses calls by itself, and reads out those it has missed. Only calls of known tools
 * count; all else passes as text. The server has taken out the thinking already, so what looks like it is left alone.
 */
export function createRescuer(options: RescueOptions): FormatParser {
  const format = options.format ?? options.model?.format;
  return new Machine(mixOf(format), { tools: options.tools, rescue: true });
}

/** The model's own format before the common ones; each opening marker once. */
function mixOf(format: string | undefined): Dialect {
  const key = format ?? "";
  let mix = mixes.get(key);
  if (mix !== undefined) return mix;
  const parts = [format, ...COMMON].flatMap((id) => (id === undefined ? [] : (dialectById(id) ?? [])));
  const calls: CallSyntax[] = [];
  const sections: Section[] = [];
  for (const part of new Set(parts)) {
    calls.push(...part.calls);
    sections.push(...(part.sections ?? []));
  }
  mix = { ...hermes, id: `rescue:${key}`, models: [], calls, sections, drop: [], needles: [] };
  delete mix.thinking;
  mixes.set(key, mix);
  return mix;
}
