/**
 * Python strings are code points, JavaScript strings UTF-16 units. They differ only where a surrogate stands, so the
 * common case is answered without splitting.
 */
const SURROGATE = /[\ud800-\udfff]/;

export const hasSurrogates = (text: string): boolean => SURROGATE.test(text);

export const points = (text: string): string[] => (hasSurrogates(text) ? Array.from(text) : text.split(""));

export function pointLength(text: string): number {
  if (!hasSurrogates(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Index in code points of an index in UTF-16 units. */
export const pointIndex = (text: string, unit: number): number =>
  unit < 0 ? unit : pointLength(text.slice(0, unit));

/** -1, 0, 1 by code points: UTF-16 order puts U+E000–U+FFFF after the astral ones. */
export function comparePoints(a: string, b: string): number {
  if (a === b) return 0;
  if (!hasSurrogates(a) && !hasSurrogates(b)) return a < b ? -1 : 1;
  const x = Array.from(a);
  const y = Array.from(b);
  for (let i = 0; i < x.length && i < y.length; i++) {
    const difference = x[i]!.codePointAt(0)! - y[i]!.codePointAt(0)!;
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return x.length < y.length ? -1 : 1;
}

/** What `str.isspace`, `strip` and `split` take as white space; `\s` in JavaScript differs. */
export const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const isSpaceClass = new RegExp(`[${SPACE}]`);
export const isSpace = (char: string): boolean => isSpaceClass.test(char);

export function stripStart(text: string): string {
  let at = 0;
  while (at < text.length && isSpace(text[at]!)) at++;
  return text.slice(at);
}

export function stripEnd(text: string): string {
  let at = text.length;
  while (at > 0 && isSpace(text[at - 1]!)) at--;
  return text.slice(0, at);
}

/** `str.split()` without a separator. */
export function splitSpace(text: string, limit = -1): string[] {
  const words: string[] = [];
  let rest = stripStart(text);
  while (rest !== "") {
    if (limit >= 0 && words.length >= limit) {
      words.push(stripEnd(rest));
      break;
    }
    const at = rest.search(isSpaceClass);
    if (at < 0) {
      words.push(rest);
      break;
    }
    words.push(rest.slice(0, at));
    rest = stripStart(rest.slice(at));
  }
  return words;
}

const LINE = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;

/** `str.splitlines`: no empty line after the last break. */
export function splitLines(text: string, keepEnds = false): string[] {
  const lines: string[] = [];
  let from = 0;
  for (const match of text.matchAll(LINE)) {
    const end = match.index + match[0].length;
    lines.push(text.slice(from, keepEnds ? end : match.index));
    from = end;
  }
  if (from < text.length) lines.push(text.slice(from));
  return lines;
}

const UNPRINTABLE = /[\p{C}\p{Z}]/u;

/** `str.isprintable` of one character. */
export const isPrintable = (char: string): boolean => char === " " || !UNPRINTABLE.test(char);

const UPPER = /\p{Uppercase}/u;
const LOWER = /\p{Lowercase}/u;
const TITLE = /\p{Lt}/u;

export const isUpperChar = (char: string): boolean => UPPER.test(char);
export const isLowerChar = (char: string): boolean => LOWER.test(char);
export const isTitleChar = (char: string): boolean => TITLE.test(char);
export const isCased = (char: string): boolean => UPPER.test(char) || LOWER.test(char) || TITLE.test(char);

/** `str.islower` and `str.isupper`: at least one cased character, and none of the other case. */
export function isLower(text: string): boolean {
  let cased = false;
  for (const char of text) {
    if (isUpperChar(char) || isTitleChar(char)) return false;
    cased ||= isLowerChar(char);
  }
  return cased;
}

export function isUpper(text: string): boolean {
  let cased = false;
  for (const char of text) {
    if (isLowerChar(char) || isTitleChar(char)) return false;
    cased ||= isUpperChar(char);
  }
  return cased;
}

/** First character in title case; only the digraphs differ from upper case. */
export function titleChar(char: string): string {
  const special = TITLE_CASE[char];
  if (special !== undefined) return special;
  if (char === "ß") return "Ss";
  const upper = char.toUpperCase();
  return upper.length > 1 && Array.from(upper).length > 1 ? upper[0]! + upper.slice(1).toLowerCase() : upper;
}

const TITLE_CASE: Readonly<Record<string, string>> = {
  Ǆ: "ǅ",
  ǅ: "ǅ",
  ǆ: "ǅ",
  Ǉ: "ǈ",
  ǈ: "ǈ",
  ǉ: "ǈ",
  Ǌ: "ǋ",
  ǋ: "ǋ",
  ǌ: "ǋ",
  Ǳ: "ǲ",
  ǲ: "ǲ",
  ǳ: "ǲ",
};

/** `str.capitalize`. */
export function capitalize(text: string): string {
  const [first = ""] = text;
  return titleChar(first) + text.slice(first.length).toLowerCase();
}
