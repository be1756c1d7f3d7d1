import { near } from "./near.ts";

/** What people call kinds of files, and the endings those have; the usual ending first. */
const KINDS: readonly (readonly [words: string, endings: string])[] = [
  ["python py", "py"],
  ["photo photos picture pictures jpeg jpg jpegs jpgs", "jpg jpeg"],
  ["image images png pngs", "png"],
  ["text txt texts", "txt"],
  ["markdown md readme", "md"],
  ["pdf pdfs", "pdf"],
  ["log logs logfile logfiles", "log"],
  ["json", "json"],
  ["csv csvs", "csv"],
  ["yaml yml yamls", "yaml yml"],
  ["typescript ts", "ts"],
  ["javascript js", "js"],
  ["rust", "rs"],
  ["go golang", "go"],
  ["c++ cpp", "cpp"],
  ["header headers", "h"],
  ["java", "java"],
  ["ruby", "rb"],
  ["php", "php"],
  ["shell bash sh", "sh"],
  ["powerpoint presentation presentations slides", "pptx"],
  ["zip zips archive archives", "zip"],
  ["mp3 mp3s song songs music", "mp3"],
  ["video videos movie movies mp4 mp4s film films", "mp4"],
  ["html htm webpage webpages", "html"],
  ["css stylesheet stylesheets", "css"],
  ["notebook notebooks jupyter", "ipynb"],
  ["latex tex", "tex"],
  ["word doc", "docx"],
  ["r", "R r"],
  ["bat batch", "bat"],
  ["powershell", "ps1"],
  ["vue", "vue"],
  ["kotlin", "kt"],
  ["swift", "swift"],
  ["lua", "lua"],
  ["csharp c#", "cs"],
  ["backup bak", "bak"],
  ["config conf configuration", "conf"],
  ["tar tarball", "tar.gz"],
  ["svg svgs icon icons vector", "svg"],
  ["gif gifs", "gif"],
  ["spreadsheet spreadsheets excel xlsx sheet sheets", "xlsx"],
  ["docx letter letters", "docx"],
  ["toml", "toml"],
  ["ini", "ini"],
  ["sql", "sql"],
  ["xml", "xml"],
  ["ebook ebooks epub", "epub"],
  ["wav recording recordings", "wav"],
  ["iso", "iso"],
  ["temporary temp", "tmp"],
];

const BY_WORD = new Map(
  KINDS.flatMap(([words, endings]) => words.split(" ").map((word) => [word, endings.split(" ")])),
);

/** Names of kinds that are long enough to stand a slip of the keyboard. */
const LONG = [...BY_WORD].filter(([word]) => word.length > 5);

/** Globs of the kind of files that a word names: `*.py` for "Python". */
export function kindsOf(word: string): string[] {
  const lower = word.toLowerCase();
  const own =
    BY_WORD.get(lower) ?? (lower.length > 5 ? LONG.find(([kind]) => near(kind, lower))?.[1] : undefined);
  return (own ?? []).map((ending) => `*.${ending}`);
}

/** Globs that a word of a request may stand for: by what its kind ends in, or as an ending itself ("tsx files", "ending in .bak"). */
export function globsOf(word: string, before = "", next = ""): string[] {
  if (/[*?]/.test(word)) return [word];
  const out = kindsOf(word);
  const bare = word.replace(/^\./, "");
  const asEnding =
    word.startsWith(".") ||
    isEnding(bare) ||
    /^files?$/i.test(next) ||
    /^(in|with|extension|ending|type)$/i.test(before);
  if (asEnding && /^[a-z][a-z0-9]{0,5}$/i.test(bare)) out.push(`*.${bare}`);
  return out;
}

const ENDINGS = new Set(KINDS.flatMap(([, endings]) => endings.split(" ")));

/** Whether a text is the ending of a known kind of files. */
export const isEnding = (text: string): boolean => ENDINGS.has(text.toLowerCase());
