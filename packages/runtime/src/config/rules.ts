/** The rules of the design's law on trust, one small function a kind: why a file of the workspace may not say this. */
import { ENGINE_WORDS, isLoopback } from "./address.ts";

export const anyValue = (): undefined => undefined;

/** A limit may be made tighter, never looser. No limit is the loosest. */
export function lowerOnly(value: number | undefined, base: number | undefined): string | undefined {
  if (value === undefined || (base !== undefined && value > base))
    return `it may lower the limit ${base}, not raise it`;
  return undefined;
}

/** A switch that guards may be turned on, one that loosens only off. */
export const only =
  (allowed: boolean) =>
  (value: boolean): string | undefined =>
    value === allowed ? undefined : `it may only be ${allowed}`;

export function superset(value: readonly string[], base: readonly string[]): string | undefined {
  return base.every((item) => value.includes(item)) ? undefined : "it may add to the list, not take from it";
}

const STRICTNESS = ["auto", "ask", "never"];

export function stricterApproval(value: string, base: string): string | undefined {
  if (STRICTNESS.indexOf(value) >= STRICTNESS.indexOf(base)) return undefined;
  return `it may not loosen approvals from "${base}"`;
}

export function loopbackEngine(value: string): string | undefined {
  if (ENGINE_WORDS.includes(value) || isLoopback(value)) return undefined;
  return "it may not choose an engine on another machine";
}

/** A name of a model; neither a file to be read, nor a model that Ollama runs on another machine (`…-cloud`). */
export function localModelName(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (/\.gguf$/i.test(value) || /^([./~\\]|[a-z]:\\)/i.test(value)) return "it may not choose a file to load";
  if (isCloudModel(value)) return "it may not choose a model on another machine";
  return undefined;
}

/** Ollama runs models with this ending on its maker's servers, through the local address. */
export function isCloudModel(name: string): boolean {
  return /[-:]cloud$/i.test(name);
}
