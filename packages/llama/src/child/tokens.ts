import type { SpecialToken } from "../discovery/parse-gguf.ts";
import type { NativeModel } from "./native.ts";

/** How many tokens two lists share at their heads. */
export function commonPrefix(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const size = Math.min(a.length, b.length);
  let at = 0;
  while (at < size && a[at] === b[at]) at++;
  return at;
}

/**
 * Text to tokens. Special tokens are read as such, but not within the `literal` ranges (ascending, in characters), so that
 * text from elsewhere can't forge a turn. The begin token is put in front where the model wants one.
 */
export function tokenize(
  model: NativeModel,
  prompt: string,
  literal: readonly (readonly [number, number])[] = [],
): Uint32Array {
  const parts: number[] = [];
  let at = 0;
  for (const [start, end] of literal) {
    if (start > at) parts.push(...model.tokenize(prompt.slice(at, start), true));
    if (end > start) parts.push(...model.tokenize(prompt.slice(start, end), false));
    at = Math.max(at, end);
  }
  const rest = at < prompt.length ? model.tokenize(prompt.slice(at), true) : new Uint32Array(0);
  const bos = model.shouldPrependBosToken() ? model.tokenBos() : -1;
  const first = parts[0] ?? rest[0];
  const head = bos >= 0 && first !== bos ? [bos] : [];
  const all = new Uint32Array(head.length + parts.length + rest.length);
  all.set(head);
  all.set(parts, head.length);
  all.set(rest, head.length + parts.length);
  return all;
}

/**
 * Special tokens that a grammar must not be met with: their text fits `[^"]*`, and the model then writes `<|im_start|>` into
 * a string (seen). Those whose text stands in the grammar itself are meant, and the end tokens obey the grammar anyway.
 */
export function bannedTokens(model: NativeModel, special: readonly SpecialToken[], gbnf: string): number[] {
  return special.filter(({ id, text }) => !model.isEogToken(id) && !gbnf.includes(text)).map(({ id }) => id);
}
