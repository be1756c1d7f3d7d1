import { withDigits } from "./spoken.ts";

/** A word of a request: its text without the punctuation around it, and where that stands. */
export interface Word {
  text: string;
  from: number;
  to: number;
}

const OPENERS = /^["'`“”‘’«„([{<]+/u;
const CLOSERS = /(?:["'`“”‘’»)\]}>,;:!?…]+|\.+$)+$/u;

/** Words between white space, bare of quotes and of punctuation at their ends (`README.md?` is `README.md`). */
export function words(text: string): Word[] {
  const out: Word[] = [];
  for (const found of text.matchAll(/\S+/g)) {
    let from = found.index;
    let word = found[0];
    const opened = OPENERS.exec(word)?.[0].length ?? 0;
    if (opened < word.length) {
      from += opened;
      word = word.slice(opened);
    }
    const dots = /^\.{1,2}$/.test(word);
    const bare = dots ? word : word.replace(CLOSERS, "");
    if (bare !== "") out.push({ text: bare, from, to: from + bare.length });
  }
  return out;
}

const QUOTES =
  /"([^"\n]+)"|`([^`\n]+)`|“([^”\n]+)”|„([^“”\n]+)[“”]|«([^»\n]+)»|(?<![\p{L}\p{N}])'([^'\n]+)'(?![\p{L}\p{N}])|‘([^’\n]+)’/gu;

/** Texts that stand in quotes, of whatever kind. */
export function quoted(text: string): string[] {
  return [...text.matchAll(QUOTES)].map((found) => found.slice(1).find((group) => group !== undefined) ?? "");
}

/** Words of each end of a long text that are pointed at; between them only what looks like a path. */
const END_WORDS = 60;
const MAX_PATHS = 40;
/** No name is that long; patterns that look around a word would take long over it. */
const OVERLONG = /\S{400,}/g;
/** Characters up to which a request is read for what it says beyond its words; a longer one is a text that was piped to it. */
export const MAX_READ_CHARS = 4000;

/** A long text (a file piped to the request) cut down to what an argument may reasonably point at, so grammars stay small. */
export function pointable(whole: string): string {
  const text = whole.replace(OVERLONG, " ");
  const all = words(text);
  if (all.length <= 2 * END_WORDS) return text;
  const head = text.slice(0, all[END_WORDS - 1]?.to);
  const tail = text.slice(all[all.length - END_WORDS]?.from);
  const middle = all.slice(END_WORDS, -END_WORDS).filter((word) => pathLike(word.text));
  return [head, ...middle.slice(0, MAX_PATHS).map((word) => word.text), tail].join("\n");
}

/** Whether a word looks like a path or a file name by itself: a slash, a drive, a home, a name with an ending. */
export function pathLike(word: string): boolean {
  return /[/\\]|^~|^\.{1,2}$|^[A-Za-z]:|^\.\w|\w\.\w{1,8}$/.test(word);
}

/** Runs of at most `most` words, as they stand in the text, shortest first. */
export function spans(text: string, most: number): string[] {
  const all = words(text);
  const out: string[] = [];
  for (let length = 1; length <= most; length++)
    for (let i = 0; i + length <= all.length; i++) {
      const first = all[i];
      const last = all[i + length - 1];
      if (first !== undefined && last !== undefined) out.push(text.slice(first.from, last.to));
    }
  return out;
}

/** A number that stands by itself outside quotes, in digits (`12`, `12.5`, `40%`, `#7`) or as words, and what is counted. */
export interface Counted {
  value: number;
  /** What is glued to it ("8km"), or the word behind. */
  unit: string;
}

export function unitsIn(text: string): Counted[] {
  const all = words(withDigits(text.replace(QUOTES, " ")).toLowerCase());
  return all.flatMap(({ text: word }, i) => {
    const found = /^[#$€£]?(-?\d+(?:[.,]\d+)?)(%|[a-z°]{1,4})?$/.exec(word);
    if (found?.[1] === undefined || /^(?:st|nd|rd|th)$/.test(found[2] ?? "")) return [];
    return [{ value: Number(found[1].replace(",", ".")), unit: found[2] ?? all[i + 1]?.text ?? "" }];
  });
}

export const numbersIn = (text: string): number[] => [...new Set(unitsIn(text).map(({ value }) => value))];

/** Whether a run of words neither begins nor ends with a word that only binds others ("at", "to the", "is"); names may ("The Who"). */
export function bareEnds(text: string): boolean {
  const parts = text.split(/\s+/);
  return [parts[0] ?? "", parts.at(-1) ?? ""].every((word) => !BINDING.has(word));
}

const BINDING: ReadonlySet<string> = new Set(
  (
    "a an and or but so if of in on at to for from by with into onto under as is are was were be been do does did has have had can could would " +
    "should will shall may might must please pls plz i you he she it we they me us them my your our his her its their that which who the this"
  ).split(" "),
);

/** Words that name nothing: never a path or a pattern by themselves, unless quoted. */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  (
    "a an the this that these those there here my your our his her its their i you he she it we they me us them and or but so if " +
    "of in on at to for from by with into onto under below inside within about over out up off as is are was were be been am do " +
    "does did have has had can could would should will shall may might must please pls plz thx ur thanks thank hey hi hello ok what whats " +
    "what's which who whom where when why how much many any some all every each no not only also just now then than too very " +
    "show list find search look locate give tell get see read open print display view check let lets go take need want like know " +
    "file files folder folders directory directories dir document documents content contents everything anything something entry " +
    "entries name names named called space disk size big large largest biggest current parent u"
  ).split(" "),
);
