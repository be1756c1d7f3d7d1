import { GoTemplateError } from "./errors.ts";

export type TokenType = "string" | "number" | "char" | "name" | "field" | "variable" | "operator" | "space";

export interface Token {
  type: TokenType;
  text: string;
}

/** A template in pieces: literal text, and actions with their tokens. */
export type Piece = { text: string } | { action: Token[] };

const TOKENS: readonly [TokenType, RegExp][] = [
  ["space", /[ \t\r\n]+/y],
  ["string", /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ["char", /'(?:[^'\\\n]|\\.[^']*)'/y],
  [
    "number",
    /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/y,
  ],
  ["field", /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ["variable", /\$[\p{L}\p{N}_]*/uy],
  ["name", /[\p{L}_][\p{L}\p{N}_]*/uy],
  ["operator", /:=|[=|(),.]/y],
];

/** Splits a template as Go's text/template does; `{{- ` and ` -}}` take the white space beside them. */
export function lex(template: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trim = false;
  while (at < template.length) {
    const open = template.indexOf("{{", at);
    const end = open < 0 ? template.length : open;
    const trimsLeft = open >= 0 && /^-[ \t\r\n]/.test(template.slice(open + 2, open + 4));
    let text = template.slice(at, end);
    if (trim) text = text.replace(/^[ \t\r\n]+/, "");
    if (trimsLeft) text = text.replace(/[ \t\r\n]+$/, "");
    if (text !== "") pieces.push({ text });
    if (open < 0) break;
    const inside = open + 2 + (trimsLeft ? 2 : 0);
    const comment = /^\s*\/\*[\s\S]*?\*\/\s*?( -)?\}\}/.exec(template.slice(inside));
    if (comment !== null) {
      trim = comment[1] !== undefined || / -\}\}$/.test(comment[0]);
      at = inside + comment[0].length;
      continue;
    }
    const [tokens, next, trims] = lexAction(template, inside);
    pieces.push({ action: tokens });
    at = next;
    trim = trims;
  }
  return pieces;
}

function lexAction(template: string, from: number): [tokens: Token[], next: number, trims: boolean] {
  const tokens: Token[] = [];
  for (let at = from; at < template.length; ) {
    const close = /^(?:[ \t\r\n]-)?\}\}/.exec(template.slice(at, at + 4));
    if (close !== null) return [tokens, at + close[0].length, close[0].length > 2];
    const token = tokenAt(template, at);
    if (token === undefined)
      throw new GoTemplateError(`unexpected ${JSON.stringify(template[at])} in action`);
    tokens.push(token);
    at += token.text.length;
  }
  throw new GoTemplateError("unclosed action");
}

function tokenAt(template: string, at: number): Token | undefined {
  for (const [type, pattern] of TOKENS) {
    pattern.lastIndex = at;
    const match = pattern.exec(template);
    if (match !== null) return { type, text: match[0] };
  }
  return undefined;
}
