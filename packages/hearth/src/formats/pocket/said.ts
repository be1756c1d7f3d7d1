import { isEnding, kindsOf } from "./kinds.ts";
import { quoted, words } from "./spans.ts";

/** What a request says outright, and a right call therefore has to use. */
export interface Said {
  /** Names of files, by their ending. */
  files: string[];
  /** Globs, endings (`.ts`), or kinds of files ("Python files"). */
  globs: string[];
  /** A text is to be found inside files, not a name. */
  content: boolean;
}

const INSIDE =
  /\b(contain(s|ing)?|mention(s|ed|ing)?|grep|the (word|text|phrase|string|term)|with the text|inside (the|all|any)? ?files)\b/i;
const FILES = /^(files?|documents?|scripts?|sources?|archives?|pictures?|images?|sheets?)$/i;
/** Of a kind of files the size may be asked instead, which no search tells. */
const SIZES = /\b(big|bigg\w+|large|larg\w+|size|space|heav\w+)\b/i;
const BY_NAME = /\b(file ?)?names?\b|\b(named|called|titled)\b/i;

export function saidIn(request: string): Said {
  const all = words(request);
  const out: Said = { files: [], globs: [], content: INSIDE.test(request) && !BY_NAME.test(request) };
  for (const [i, { text }] of all.entries()) {
    const beside = `${all[i - 1]?.text ?? ""} ${all[i + 1]?.text ?? ""}`;
    if (text.includes("*")) out.globs.push(text);
    else if (/^\.[a-z0-9]{1,5}$/i.test(text) && (isEnding(text.slice(1)) || /\bfiles\b/i.test(beside)))
      out.globs.push(text);
    else if (kindsOf(text).length > 0 && FILES.test(all[i + 1]?.text ?? "") && !SIZES.test(request))
      out.globs.push(text);
    else if (isFileName(text) && !/\b(folder|directory)\b/i.test(beside)) out.files.push(text);
  }
  for (const text of quoted(request)) if (isFileName(text)) out.files.push(text);
  return out;
}

/** A name with an ending, as `thesis.docx` and `src/app.ts`, not `v1.2` and not `.config`. */
export const isFileName = (text: string): boolean =>
  /[^/\\.]\.[a-z][a-z0-9]{0,5}$/i.test(text) && !/^\w+:\/\//.test(text);
