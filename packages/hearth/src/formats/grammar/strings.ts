import { charClass, type Gbnf, literal, type Range, repeat, sequence } from "./gbnf.ts";

/** Bounds above this are left to validation: llama.cpp expands `{m,n}` into copies, and refuses more than 2,000. */
export const MAX_COUNTED = 512;

/** Control characters, which JSON text must escape. */
export const CONTROL: Range = [0x00, 0x1f];
const QUOTE: Range = [0x22, 0x22];
const BACKSLASH: Range = [0x5c, 0x5c];

const point = (text: string): number => text.codePointAt(0) ?? 0;

/** JSON's escapes without lone surrogates, so that one escape is one character. */
export function escapeRule(g: Gbnf): string {
  const hex = "[0-9a-fA-F]";
  const unit = `([0-9a-cA-CefEF] ${hex}{3} | [dD] [0-7] ${hex}{2})`;
  return g.rule("escape", `"\\\\" (["\\\\/bfnrt] | "u" ${unit})`);
}

/**
 * Text in which none of `banned` occurs and which ends with `close`, as rules of an automaton: one rule a state, a state
 * being the longest start of a banned text that was just read (Aho and Corasick, 1975). `never` are characters that
 * don't occur at all, `extra` rules that stand for one harmless character (escapes).
 */
export function textWithout(
  g: Gbnf,
  hint: string,
  banned: readonly string[],
  close: string,
  never: readonly Range[],
  extra: readonly string[] = [],
): string {
  const states = [
    ...new Set(banned.flatMap((text) => [...text].map((_, i) => [...text].slice(0, i).join("")))),
  ];
  if (!states.includes("")) states.unshift("");
  const names = new Map(states.map((state) => [state, g.reserve(state === "" ? hint : `${hint}-s`)]));
  const next = (state: string, char: string): string | undefined => {
    const read = state + char;
    if (banned.some((text) => read.endsWith(text))) return undefined;
    for (let from = 0; from < read.length; from++) if (names.has(read.slice(from))) return read.slice(from);
    return "";
  };
  const letters = [...new Set(banned.flatMap((text) => [...text]))].filter(
    (char) => !never.some(([low, high]) => point(char) >= low && point(char) <= high),
  );
  for (const [state, name] of names) {
    const alternatives: string[] = [];
    const special: Range[] = [...never];
    for (const char of letters) {
      const to = next(state, char);
      if (to === "") continue;
      special.push([point(char), point(char)]);
      if (to !== undefined) alternatives.push(`${charClass([[point(char), point(char)]])} ${names.get(to)}`);
    }
    const home = names.get("") ?? name;
    alternatives.unshift(`${special.length === 0 ? "[^\\x00]" : charClass(special, true)} ${home}`);
    for (const rule of extra) alternatives.push(`${rule} ${home}`);
    alternatives.push(close);
    g.define(name, alternatives.join(" | "));
  }
  return names.get("") ?? hint;
}

export interface StringBounds {
  min?: number;
  max?: number;
}

/**
 * A JSON string in which no text of `banned` stands raw. A bounded one counts characters, and therefore has the first
 * character of each banned text only as an escape.
 */
export function stringRule(
  g: Gbnf,
  banned: readonly string[],
  bounds: StringBounds = {},
  escapes: string = escapeRule(g),
): string {
  const { min = 0, max } = bounds;
  if (min === 0 && max === undefined) {
    const body = textWithout(g, "chars", banned, literal('"'), [CONTROL, QUOTE, BACKSLASH], [escapes]);
    return g.rule("string", sequence(literal('"'), body));
  }
  const firsts = [...new Set(banned.map(point))].map((code): Range => [code, code]);
  const char = g.rule("char", `${charClass([CONTROL, QUOTE, BACKSLASH, ...firsts], true)} | ${escapes}`);
  return g.rule("string-n", sequence(literal('"'), repeat(char, min, max), literal('"')));
}
