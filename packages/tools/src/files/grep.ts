import { closeSync, fstatSync, readSync } from "node:fs";
import { createContext, Script } from "node:vm";
import { decode, HEAD_BYTES, kindOf } from "./text.ts";

export interface LineMatch {
  line: number;
  text: string;
}

/** Milliseconds one file may keep a pattern busy: a model's regular expression can backtrack for ever. */
const FILE_MS = 500;
/** Larger files are not searched by content, and named. */
export const MAX_SEARCHED_BYTES = 16 * 1024 * 1024;
const MAX_SHOWN = 160;
const MAX_LINES_A_FILE = 1000;

export class SlowPattern extends Error {}

/**
 * Finds lines that contain the text, or match it as a regular expression where it is one. Case matters only where the
 * text has capitals.
 */
export function lineFinder(content: string): (text: string) => LineMatch[] {
  const ignoreCase = content === content.toLowerCase();
  const plain = ignoreCase ? content.toLowerCase() : content;
  const pattern = regularExpression(content, ignoreCase);
  // Only the time limit of `vm` is used: it is the one way to stop a regular expression. It guards nothing else.
  const context = createContext({});
  const script = new Script("job()");
  return (text) => {
    const found: LineMatch[] = [];
    const job = () => {
      let line = 0;
      for (let at = 0; at <= text.length && found.length < MAX_LINES_A_FILE; ) {
        line++;
        const end = text.indexOf("\n", at);
        const one = text.slice(at, end < 0 ? text.length : end);
        at = end < 0 ? text.length + 1 : end + 1;
        let index = (ignoreCase ? one.toLowerCase() : one).indexOf(plain);
        if (index < 0 && pattern !== undefined) index = one.search(pattern);
        if (index >= 0) found.push({ line, text: excerpt(one, index) });
      }
    };
    if (pattern === undefined) job();
    else {
      context["job"] = job;
      try {
        script.runInContext(context, { timeout: FILE_MS });
      } catch (error) {
        throw new SlowPattern("the pattern takes too long", { cause: error });
      }
    }
    return found;
  };
}

function regularExpression(content: string, ignoreCase: boolean): RegExp | undefined {
  if (!/[\\^$.|?*+()[\]{}]/.test(content)) return undefined;
  try {
    return new RegExp(content, ignoreCase ? "iu" : "u");
  } catch {
    try {
      return new RegExp(content, ignoreCase ? "i" : "");
    } catch {
      // No regular expression, then: it is searched as text.
      return undefined;
    }
  }
}

function excerpt(line: string, index: number): string {
  const text = line.replace(/\r$/, "");
  if (text.trim().length <= MAX_SHOWN) return text.trim();
  const from = Math.max(0, Math.min(index - 40, text.length - MAX_SHOWN));
  const piece = text.slice(from, from + MAX_SHOWN).trim();
  return `${from > 0 ? "…" : ""}${piece}${from + MAX_SHOWN < text.length ? "…" : ""}`;
}

/** The text of an open file, or undefined where it is none or too large. Closes the descriptor. */
export function textOfFile(fd: number): string | "large" | undefined {
  try {
    const { size } = fstatSync(fd);
    if (size === 0) return "";
    if (size > MAX_SEARCHED_BYTES) return "large";
    const bytes = Buffer.allocUnsafe(size);
    let length = 0;
    while (length < size) {
      const read = readSync(fd, bytes, length, Math.min(size - length, 1 << 20), length);
      if (read === 0) break;
      length += read;
      if (length === read && kindOf(bytes.subarray(0, Math.min(length, HEAD_BYTES))).kind !== "text")
        return undefined;
    }
    const whole = bytes.subarray(0, length);
    const kind = kindOf(whole.subarray(0, HEAD_BYTES));
    return kind.kind === "text" ? decode(whole.subarray(kind.bomBytes), kind.encoding).text : undefined;
  } finally {
    closeSync(fd);
  }
}
