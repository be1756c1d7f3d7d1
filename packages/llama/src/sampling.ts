import { EngineRefusedError, type Sampling } from "hearth";
import type { WireSampling } from "./protocol.ts";

/** A range a number must lie in. */
type Rule = [
  name: "temperature" | "topP" | "minP" | "topK" | "seed" | "maxTokens",
  low: number,
  high: number,
  whole: boolean,
];

const MAX_SEED = 0xffff_fffe;
const RULES: Rule[] = [
  ["temperature", 0, 100, false],
  ["topP", 0, 1, false],
  ["minP", 0, 1, false],
  ["topK", 0, 1_000_000, true],
  // The library takes the largest 32-bit number to mean "any".
  ["seed", 0, MAX_SEED, true],
  ["maxTokens", 1, 10_000_000, true],
];
const MAX_STOPS = 64;
const MAX_STOP_CHARS = 1000;

/**
 * The sampling of a request in full. What is left out: temperature 0, all tokens allowed, a random seed, no bound but the window.
 * Raises `EngineRefusedError` for values that make no sense, for the native library takes them as they are.
 */
export function checkSampling(sampling: Sampling): WireSampling {
  for (const [name, low, high, whole] of RULES) {
    const value: unknown = sampling[name];
    if (value === undefined) continue;
    const fits =
      typeof value === "number" && value >= low && value <= high && (!whole || Number.isInteger(value));
    if (!fits) {
      throw new EngineRefusedError(
        `${name} is ${String(value)}, but must be ${whole ? "a whole number" : "a number"} from ${low} to ${high}.`,
        { remedy: `Set ${name} within that range, or leave it out.` },
      );
    }
  }
  const stop = sampling.stop ?? [];
  const stops = Array.isArray(stop) && stop.length <= MAX_STOPS;
  if (!stops || !stop.every((text) => typeof text === "string" && text.length <= MAX_STOP_CHARS)) {
    throw new EngineRefusedError(
      `stop must be at most ${MAX_STOPS} texts of at most ${MAX_STOP_CHARS} characters.`,
      { remedy: "Give fewer or shorter stop texts." },
    );
  }
  return {
    temperature: sampling.temperature ?? 0,
    topP: sampling.topP ?? 1,
    topK: sampling.topK ?? 0,
    minP: sampling.minP ?? 0,
    seed: sampling.seed ?? Math.floor(Math.random() * MAX_SEED),
    maxTokens: sampling.maxTokens ?? 0,
    stop: [...stop],
  };
}

/** A grammar longer than this is a mistake; one tool set takes some thousand characters. */
const MAX_GBNF_CHARS = 1_000_000;
/** The native reader recurses: at 20,000 open groups it overflows its stack and takes the process along (seen). */
const MAX_GBNF_DEPTH = 500;

/** Refuses grammars that would bring the native reader down rather than fail in it. */
export function checkGrammar(gbnf: string): void {
  const refuse = (what: string) => {
    throw new EngineRefusedError(`The grammar ${what}.`, {
      remedy: "Give a smaller grammar, split into rules.",
    });
  };
  if (gbnf.length > MAX_GBNF_CHARS) refuse(`has ${gbnf.length} characters; ${MAX_GBNF_CHARS} is the bound`);
  if (gbnf.includes("\0")) refuse("contains a NUL character");
  let depth = 0;
  for (const token of gbnf.matchAll(/"(?:[^"\\\n]|\\.)*"|\[(?:[^\]\\\n]|\\.)*\]|#[^\n]*|[()]/g)) {
    if (token[0] === "(") depth++;
    if (token[0] === ")") depth--;
    if (depth > MAX_GBNF_DEPTH) refuse(`is nested deeper than ${MAX_GBNF_DEPTH} groups`);
  }
}
