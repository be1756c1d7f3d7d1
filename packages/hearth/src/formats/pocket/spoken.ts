import { isEnding } from "./kinds.ts";
import { near } from "./near.ts";

const UNITS =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen";
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety";
const VALUES = new Map<string, number>([
  ...UNITS.split(" ").map((word, i): [string, number] => [word, i]),
  ...TENS.split(" ").map((word, i): [string, number] => [word, 20 + 10 * i]),
]);
const NUMBER = new RegExp(
  `\\b(?:(${TENS.replaceAll(" ", "|")})[- ](${UNITS.split(" ").slice(1, 10).join("|")})|(?:(?:(a|one|${UNITS.split(" ").slice(2, 10).join("|")}) )?(hundred|dozen|thousand))|(${[...VALUES.keys()].join("|")}))\\b`,
  "giu",
);

/** Numbers in words as digits ("twenty five" is 25, "a hundred" 100); a "one" that counts nothing ("this one", "one of") stays. */
export function withDigits(text: string): string {
  return text.replace(
    NUMBER,
    (found, tens: string, unit: string, times: string, many: string, alone: string, at: number) => {
      if (tens !== undefined) return String(numberOf(tens) + numberOf(unit));
      if (many !== undefined)
        return String(Math.max(1, numberOf(times ?? "one")) * (MANY.get(many.toLowerCase()) ?? 1));
      const counts =
        !/^one$/i.test(found) || (COUNTED.test(text.slice(at + 3)) && !POINTED.test(text.slice(0, at)));
      return counts ? String(numberOf(alone)) : found;
    },
  );
}

const MANY = new Map([
  ["dozen", 12],
  ["hundred", 100],
  ["thousand", 1000],
]);
const numberOf = (word: string): number => VALUES.get(word.toLowerCase()) ?? 0;
/** What has to stand behind a "one" that counts: a word that may be the thing. */
const COUNTED =
  /^[- ](?!(?:of|is|are|was|were|that|which|who|i|we|you|he|she|it|they|do|does|did|has|have|had|can|and|or|to|in|on|at|for|with|mentions?|says?|contains?|by|after|day)\b)\p{L}/iu;
const POINTED =
  /\b(?:which|that|this|the|every|each|any|no|only|since|another|other|new|old|last|first|right|wrong|good|big|every)\s+$/iu;

/**
 * A request with its dictated paths as they are written: "notes dot txt" is `notes.txt`, "source slash utils" `source/utils`,
 * "read underscore me dot md" `read_me.md`.
 */
export function written(request: string): string {
  if (!/\b(?:dot|slash|underscore)\b/i.test(request)) return request;
  return request
    .replace(/\bread ?me dot md\b/gi, "README.md")
    .replace(/(\S+) underscore (\S+)/gi, "$1_$2")
    .replace(/(\S) (?:forward )?slash (?=\S)/gi, "$1/")
    .replace(/(\S+) dot ([a-z0-9]{1,6})\b/gi, (found, before: string, ending: string) =>
      isEnding(ending) ? `${before}${GOES_ON.test(before) ? " " : ""}.${ending}` : found,
    )
    .replace(
      /(^|\s)dot (env|git\w*|bash\w*|config|ssh|profile|vimrc|zshrc|npmrc|docker\w*|editorconfig)\b/gi,
      "$1.$2",
    );
}

/** Words that an ending follows by itself ("all files with dot yaml"). */
const GOES_ON = /^(?:with|in|all|my|our|the|every|any|a|no|find|list|show|extension|ending)$/i;

const KEYWORDS =
  "first lines line files file folder directory contains contain mention search find names largest biggest huge size space below under inside where which".split(
    " ",
  );

/** The request with slips of the keyboard in the words that rules go by undone: letters that changed places, one too many or too few. */
export const corrected = (request: string): string =>
  request.replace(/(?<![\p{L}\d./\\_-])[a-z]{4,10}(?![\p{L}\d./\\_-])/gu, (word) =>
    KEYWORDS.includes(word)
      ? word
      : (KEYWORDS.find((one) => one[0] === word[0] && slipped(word, one)) ?? word),
  );

/** Near, and not by another letter in the place of one: "test" is no "text". */
function slipped(word: string, meant: string): boolean {
  if (!near(word, meant)) return false;
  if (word.length === meant.length) return [...word].filter((char, i) => char !== meant[i]).length === 2;
  const [short, long] = word.length < meant.length ? [word, meant] : [meant, word];
  return long !== `${short}s`;
}
