import { isSpace } from "../engine/source.ts";
import { escapeText } from "./escape.ts";
import type { JsonStyle } from "./style.ts";

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const LOOSE = /^[+-]?(?:0|[1-9]\d*)?\.?\d*(?:[eE][+-]?\d+)?$/;
const WORDS: Readonly<Record<string, string>> = { true: "true", false: "false", null: "null" };
const PYTHON: Readonly<Record<string, string>> = { True: "true", False: "false", None: "null" };

/** A number as JSON writes it; undefined for what is none, leading zeros among it: `007` is more likely a string. */
export function readNumber(word: string): string | undefined {
  if (NUMBER.test(word)) return word;
  if (!LOOSE.test(word) || !/\d/.test(word)) return undefined;
  const mended = word
    .replace(/^\+/, "")
    .replace(/^(-?)\./, "$10.")
    .replace(/\.(?=$|[eE])/, ".0");
  return NUMBER.test(mended) ? mended : undefined;
}

/** A text without quotes: number, constant, key, or where the style has it a string. */
export function readWord(
  word: string,
  isKey: boolean,
  style: JsonStyle,
): { json: string; repair?: string } | undefined {
  const bare = style.bareWords === true;
  if (isKey) {
    const mended = { json: `"${escapeText(word)}"` };
    return bare ? mended : { ...mended, repair: "bare-key" };
  }
  const text = word.trim();
  const constant = WORDS[text];
  if (constant !== undefined) return { json: constant };
  const number = readNumber(style.python === true ? text.replace(/^(-?)0+(?=[1-9]\d*$)/, "$1") : text);
  if (number !== undefined)
    return number === text || style.python === true ? { json: number } : { json: number, repair: "number" };
  const python = PYTHON[text];
  if (python !== undefined)
    return style.python === true || bare ? { json: python } : { json: python, repair: "python-constant" };
  return bare ? { json: `"${escapeText(text)}"` } : undefined;
}

/** A character of a word without quotes. */
export function isWordUnit(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 95 ||
    code === 45 ||
    code === 43 ||
    code === 46 ||
    code === 36 ||
    code > 127
  );
}

/** `,` `:` `)` `]` `}` */
export const isEnd = (code: number): boolean =>
  code === 44 || code === 58 || code === 41 || code === 93 || code === 125;

/** A character between tokens. */
export const isStructure = (code: number): boolean =>
  code === 44 || code === 58 || code === 123 || code === 125 || code === 91 || code === 93;

/**
 * A bracket behind a quote closes a Python call only where the list, the line or the text goes on in a way that fits;
 * undefined where the text must go on before one can tell.
 */
export function closesCall(text: string, pos: number, ended: boolean): boolean | undefined {
  let line = false;
  for (let at = pos + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10) line = true;
    if (!isSpace(code)) return line || code === 93 || code === 44 || code === 59 || code === 60;
  }
  return ended ? true : undefined;
}
