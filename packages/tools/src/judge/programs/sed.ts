import { judgePathWord, type Program } from "../options.ts";

/**
 * sed is a language: of its commands only those are taken that print or change the text on its way through. `e` runs
 * programs, `r` reads and `w` writes files, and all three hide in flags of `s`: whatever is not understood is refused.
 */
export const sed: Program = {
  operands: ["text", "path"],
  own(words, context) {
    const scripts: string[] = [];
    const operands: string[] = [];
    let ended = false;
    for (let at = 0; at < words.length; at++) {
      const word = words[at]!;
      if (ended || word === "-" || !word.startsWith("-")) operands.push(word);
      else if (word === "--") ended = true;
      else if (/^-[nErusz]*e$/.test(word) || word === "--expression") {
        const script = words[++at];
        if (script === undefined) return `${word} of sed needs a script.`;
        scripts.push(script);
      } else if (word.startsWith("--expression=")) scripts.push(word.slice(13));
      else if (
        !/^-[nErusz]+$/.test(word) &&
        !/^--(?:quiet|silent|regexp-extended|separate|null-data|unbuffered)$/.test(word)
      ) {
        return `The option ${word.slice(0, 40)} of sed is not on the list of those that only read.`;
      }
    }
    if (scripts.length === 0) {
      const first = operands.shift();
      if (first === undefined) return "sed needs a script.";
      scripts.push(first);
    }
    for (const script of scripts) {
      const fault = judgeScript(script);
      if (fault !== undefined) return fault;
    }
    for (const operand of operands) {
      const fault = operand === "-" ? undefined : judgePathWord(operand, context);
      if (fault !== undefined) return fault;
    }
    return undefined;
  },
};

const REFUSED =
  "The sed script does more than print, delete and substitute (commands p, d, q, n, N, =, l, s, y, and braces).";

function judgeScript(script: string): string | undefined {
  if (script.length > 2000 || /[\n\r]/.test(script)) return REFUSED;
  let at = 0;
  let depth = 0;
  const eat = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(script);
    if (found === null) return false;
    at += found[0].length;
    return true;
  };
  /** To the next delimiter that is not escaped; a bracket hides one. */
  const eatTo = (delimiter: string, brackets: boolean): boolean => {
    let inside = false;
    for (; at < script.length; at++) {
      const char = script[at]!;
      if (char === "\\") at++;
      else if (brackets && char === "[" && !inside) {
        inside = true;
        if (script[at + 1] === "^") at++;
        if (script[at + 1] === "]") at++;
      } else if (inside && char === "]") inside = false;
      else if (char === delimiter) {
        // sed ends an expression at the delimiter even within a bracket; a text where the two readings differ is refused.
        if (inside) return false;
        at++;
        return true;
      }
    }
    return false;
  };
  const address = (): boolean | undefined => {
    if (eat(/(?:\d+(?:~\d+)?|\$|\+\d+|~\d+)/y)) return true;
    if (!eat(/\//y)) return false;
    if (!eatTo("/", true)) return undefined;
    eat(/[IM]*/y);
    return true;
  };
  while (at < script.length) {
    if (eat(/[\s;]+/y)) continue;
    const first = address();
    if (first === undefined) return REFUSED;
    if (first && eat(/\s*,\s*/y) && address() !== true) return REFUSED;
    eat(/\s*!?\s*/y);
    const command = script[at++];
    if (command === "{") {
      depth++;
      continue;
    }
    if (command === "}") {
      if (first || --depth < 0) return REFUSED;
    } else if (command === "s" || command === "y") {
      const delimiter = script[at++];
      if (delimiter === undefined || /[\w\s\\;{}[\]]/.test(delimiter)) return REFUSED;
      if (!eatTo(delimiter, command === "s") || !eatTo(delimiter, false)) return REFUSED;
      if (command === "s") eat(/[gpiI0-9]*/y);
    } else if (command === "q" || command === "Q" || command === "l") eat(/ ?\d*/y);
    else if (command === undefined || !"pdnN=hHgGxDP".includes(command)) return REFUSED;
    if (at < script.length && !/[\s;}]/.test(script[at]!)) return REFUSED;
  }
  return depth === 0 ? undefined : REFUSED;
}
