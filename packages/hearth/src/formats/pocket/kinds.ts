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

/** Globs of the kind of files that a word names: `*.py` for "Python". */
export const kindsOf = (word: string): string[] =>
  (BY_WORD.get(word.toLowerCase()) ?? []).map((ending) => `*.${ending}`);

/** Globs that a word of a request may stand for: by what its kind ends in, as an ending itself, as a part of the name. */
export function globsOf(word: string): string[] {
  if (/[*?]/.test(word)) return [word];
  const out = kindsOf(word);
  const bare = word.replace(/^\./, "");
  if (/^[a-z][a-z0-9]{0,5}$/i.test(bare)) out.push(`*.${bare}`);
  if (/^[\p{L}\p{N}._-]+$/u.test(word) && !word.includes("..")) out.push(`${word}*`, `*${word}*`, `*${word}`);
  return out;
}

const ENDINGS = new Set(KINDS.flatMap(([, endings]) => endings.split(" ")));

/** Whether a text is the ending of a known kind of files. */
export const isEnding = (text: string): boolean => ENDINGS.has(text.toLowerCase());
