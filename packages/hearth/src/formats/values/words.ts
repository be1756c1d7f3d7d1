import { escapeText } from "./escape.ts";
import type { JsonStyle } from "./json.ts";

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
