import { isEnding, kindsOf } from "./kinds.ts";
import { quoted, words } from "./spans.ts";
import { corrected } from "./spoken.ts";

/** What a request says outright, and a right call therefore has to use. */
export interface Said {
  /** Names of files, by their ending. */
  files: string[];
  /** Globs, endings (`.ts`), or kinds of files ("Python files"). */
  globs: string[];
  /** A text is to be found inside files, not a name. */
  content: boolean;
  /** It is a name in code, which stands among `sought`. */
  code: boolean;
  /** Texts that may be sought, whatever they look like: identifiers, what stands in quotes. */
  sought: string[];
}

const MENTIONS = /\b(mention(s|ed|ing)?|grep|cit(e|es|ed|ing)|occurrences? of|lines? with)\b/i;
const IN_NAME = /\b(in|of) (its |the |their |his |her )?(file ?)?names?\b/i;
const INSIDE = new RegExp(
  [
    "contain(s|ing|ed)?|mention(s|ed|ing)?|grep|cit(e|es|ed|ing)|occur(s|red|ring|rences?)?|appear(s|ing)?",
    "refer(s|red|ring)? to|referenc(es?|ed|ing)|(talk|speak|spoke)(s|ed|ing)? (about|of)|lines? (with|that)",
    "the (exact )?(words?(?! (documents?|files?))|text|phrase|string|term|sentence|expression|function|variable|constant|symbol|error)",
    "(where|which|what|who|does|did|that) .*\\bsays?|with the text|shows? up|file contents?|in (all|any|the|my|our) files|inside (the|all|any|my|our)? ?files|(wrote|write|written|noted?|note) (down|about)",
    "(still|being|get|gets|is|are|we|was|were) (being )?(used?|using|defined|declared|imported|referenced)|(used|defined|declared|imported|called) (any|some)?where",
  ]
    .map((part) => `\\b(?:${part})\\b`)
    .join("|"),
  "i",
);
/** What people look for in code and logs: `old_token`, `parseDate`, `render()`, `TODO`, `E1042`. */
export const IDENTIFIER =
  /^(?:[\p{L}\d]+(?:_[\p{L}\d]+)+|[a-z]+(?:[A-Z][a-z\d]*)+|[\p{L}_]\w*\(\)|[A-Z]{3,}|[A-Z]+-?\d{2,})$/u;
const ASKS_WHERE = /\b(where|which|who|search|look|find|any|every|all|lines?|usages?|uses?)\b/i;
const NOT_THIS = /\b(?:not|instead of|rather than|except(?: for)?|unlike|without)\s+["'`“]?$/i;
/** Quotes around what is to be searched for. */
const SEARCH_QUOTE =
  /\b(?:search|look|serach|seach|scan|hunt|check)\w*\b[^"'`“]*\b(?:for|word|text|phrase|string)\s+["'`“]/i;
/** What stands before files that are searched through: "in the java files", "through all". */
const IN_ALL =
  /\b(?:for .+ (?:in|inside|of)|(?:look|search|go|scan)\w* through|in which|anywhere in|somewhere in)\s+(?:(?:all|any|my|our|the|of|these|those)\s+)*$/i;
const FILES = /^(files?|pages?|documents?|scripts?|sources?|archives?|pictures?|images?|sheets?)$/i;
/** Of a kind of files the size may be asked instead, which no search tells. */
export const SIZES = /\b(big|bigg\w+|large|larg\w+|sizes?|space|heav\w+|weighs?|how larg)\b/i;
const BY_NAME = /\b(file ?)?names?\b|\b(named|called|titled)\b/i;

const SEARCHES =
  /\b(where|which|who|search\w*|look\w*|find|any|every|all|lines?|usages?|uses?|used|place\w*|occurr\w*)\b/i;
/** Words in capitals that name kinds of things, not texts. */
const NO_CODE = new Set(
  "PDF CSV JPG PNG GIF HTML CSS JSON XML YAML ZIP MP3 MP4 TXT SQL SVG USB README LICENSE ALL NOT THE AND GB MB KB CPU SSD HDD".split(
    " ",
  ),
);
/** Names that cameras and scanners give; those are of files. */
const PICTURE = /^(?:IMG|DSC|PXL|VID|MVI|SCAN|DOC|INV)/i;

export function saidIn(asked: string): Said {
  const request = corrected(asked);
  const all = words(request);
  const inQuotes = quoted(request).filter((text) => !isFileName(text) && !text.includes("*"));
  const identifiers = all
    .map(({ text }) => text)
    .filter((text) => IDENTIFIER.test(text) && !PICTURE.test(text) && !NO_CODE.has(text));
  const code =
    identifiers.length > 0 &&
    SEARCHES.test(request) &&
    !BY_NAME.test(request.replace(/\bcall(s|ed|ing)?\b/gi, ""));
  const typed = inQuotes.some((text) => /\s/.test(text)) && all.some(({ text }) => /^\*\.\w/.test(text));
  const inKind = all.some(
    ({ text }, i) =>
      kindsOf(text).length > 0 &&
      FILES.test(all[i + 1]?.text ?? "") &&
      IN_ALL.test(request.slice(0, all[i]?.from)),
  );
  const said = INSIDE.test(request) || typed || (SEARCH_QUOTE.test(request) && inQuotes.length > 0);
  const out: Said = {
    files: [],
    globs: [],
    content:
      code || (MENTIONS.test(request) || inKind ? !IN_NAME.test(request) : said && !BY_NAME.test(request)),
    code,
    sought: ASKS_WHERE.test(request) ? [...identifiers, ...inQuotes] : [],
  };
  for (const [i, { text, from }] of all.entries()) {
    const beside = `${all[i - 1]?.text ?? ""} ${all[i + 1]?.text ?? ""}`;
    const included = /^--include=["']?(\S+?)["']?$/.exec(text)?.[1];
    if (included !== undefined) out.globs.push(included);
    else if (/[\w.]\*|\*[\w.]/.test(text)) out.globs.push(text);
    else if (/^\.[a-z0-9]{1,8}$/i.test(text) && (isEnding(text.slice(1)) || /\bfiles?\b/i.test(beside)))
      out.globs.push(text);
    else if (kindsOf(text).length > 0 && FILES.test(all[i + 1]?.text ?? "") && !SIZES.test(request))
      out.globs.push(text);
    else if (
      isFileName(text) &&
      !/\b(folder|directory)\b/i.test(beside) &&
      !NOT_THIS.test(request.slice(0, from))
    )
      out.files.push(text);
  }
  for (const text of quoted(request)) if (isFileName(text)) out.files.push(text);
  return out;
}

/** A name with an ending, as `thesis.docx` and `src/app.ts`, not `v1.2` and not `.config`. */
export const isFileName = (text: string): boolean =>
  (/[^/\\.]\.[a-z][a-z0-9]{0,5}$/i.test(text) && !/^\w+:\/\//.test(text)) || PLAIN_FILES.test(text);

/** Files that are known by a name without an ending. */
const PLAIN_FILES =
  /(?:^|[/\\])(?:Dockerfile|Makefile|Gemfile|Procfile|Jenkinsfile|Vagrantfile|Rakefile|LICENSE|CHANGELOG|README)$/;
