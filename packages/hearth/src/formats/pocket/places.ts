import { near } from "./near.ts";
import { isFileName } from "./said.ts";
import { FUNCTION_WORDS, pathLike, quoted, type Word, words } from "./spans.ts";

/** What a request says outright of where: folders called such, and names of several words. */
export interface Named {
  /** Names that stand beside "folder" ("the docs folder", "a directory called meeting notes"). */
  folders: string[];
  /** Names of several words that end like a file ("letters/Mrs Abernathy.txt"), or stand behind "called". */
  long: string[];
}

const FOLDER = ["folder", "directory", "subfolder", "subdirectory"];
const isFolderWord = (word: string): boolean =>
  /^(dir|folders?|directory|directories)$/i.test(word) || FOLDER.some((one) => near(word, one));
const CALLED = /^(called|named|titled|name)$/i;
/** Words beside "folder" that say which one, and are not its name. */
const WHICH = new Set(
  (
    "this that current same whole entire other parent main root top home my our your his her their its the a an each every any which what " +
    "of in on to and or is are open list show read see check inside into from under below one new old big biggest largest empty file files " +
    "working present project single first last whose where has have sub path another per all both these those"
  ).split(" "),
);
/** Behind "the folder" a verb is a name as well. */
const VERB = /^(?:list|show|read|see|check|open|find|search|sub|new|old|first|last|empty)$/i;
/** Words that end a name of several words. */
const ENDS = new Set(
  "and or in on for with please is are was has have to then what which that so because but".split(" "),
);

/** The names that a request gives outright; without those that are no names at all. */
export function namedIn(request: string): Named {
  const all = words(request);
  const out: Named = { folders: [], long: [] };
  for (const [i, word] of all.entries()) {
    if (isFolderWord(word.text)) out.folders.push(...besideFolder(request, all, i));
    if (isFileName(word.text)) out.long.push(...longNames(request, all, i));
  }
  out.folders = [...new Set(out.folders.filter((name) => name !== "" && !isFileName(name)))];
  return out;
}

function besideFolder(request: string, all: readonly Word[], i: number): string[] {
  const word = all[i];
  if (word === undefined) return [];
  const quote = quotedAt(request, word.to);
  if (quote !== undefined) return [quote];
  const next = all[i + 1];
  const broken = next === undefined || /[,;:.?!]/.test(request.slice(word.to, next.from));
  if (!broken && CALLED.test(next.text)) return calledName(request, all, i + 2);
  const before = all[i - 1];
  const named = (one: Word | undefined): one is Word =>
    one !== undefined && !WHICH.has(one.text.toLowerCase());
  if (named(before) && !FUNCTION_WORDS.has(before.text.toLowerCase()) && !isFolderWord(before.text)) {
    const glued = !/[,;:.?!]/.test(request.slice(before.to, word.from));
    if (glued && looksNamed(before, all, i)) return [before.text];
  }
  if (broken) return [];
  const verb = /^(?:the|my|our|teh)$/i.test(before?.text ?? "") && VERB.test(next.text);
  return verb || (named(next) && endsThere(request, all, i + 1)) ? [next.text] : [];
}

/** "the photos folder", "my backup directory", "our X dir": an article or owner in front makes the word a name; so does the look of it. */
function looksNamed(before: Word, all: readonly Word[], i: number): boolean {
  if (pathLike(before.text) || /[\d_-]/.test(before.text)) return true;
  const article = all[i - 2]?.text.toLowerCase() ?? "";
  return (
    /^(the|my|our|your|his|her|their|teh|a|in|of|inside|from|under|for|on)$/.test(article) ||
    /^\p{Lu}/u.test(before.text)
  );
}

/** "folder docs" is a name where no more of the sentence hangs on it, or it looks like one. */
function endsThere(request: string, all: readonly Word[], i: number): boolean {
  const word = all[i];
  if (word === undefined) return false;
  if (pathLike(word.text) || /[\d_-]/.test(word.text)) return true;
  const article = all[i - 2]?.text.toLowerCase() ?? "";
  const next = all[i + 1];
  const last = next === undefined || /[,;:.?!]/.test(request.slice(word.to, next.from));
  return (
    last ||
    (!FUNCTION_WORDS.has(word.text.toLowerCase()) &&
      /^(the|my|our|in|of|open|list|show|read|teh|your)$/.test(article))
  );
}

/** What stands behind "called": one word, or all of them up to a break or a word that goes on with the sentence. */
function calledName(request: string, all: readonly Word[], from: number): string[] {
  const first = all[from];
  if (first === undefined) return [];
  const quote = quotedAt(request, all[from - 1]?.to ?? 0);
  if (quote !== undefined) return [quote];
  const out = [request.slice(first.from, first.to)];
  for (let i = from + 1; i < Math.min(all.length, from + 5); i++) {
    const [word, before] = [all[i], all[i - 1]];
    if (word === undefined || before === undefined) break;
    if (ENDS.has(word.text.toLowerCase()) || /[,;:.?!]/.test(request.slice(before.to, word.from))) break;
    out.push(request.slice(first.from, word.to));
  }
  return out;
}

function quotedAt(request: string, at: number): string | undefined {
  const found = /^\s*(?:(?:called|named)\s+)?["'`“„«‘]/u.exec(request.slice(at));
  if (found === null) return undefined;
  return quoted(request.slice(at)).find((text) => request.slice(at).indexOf(text) <= found[0].length);
}

/** "Mrs Abernathy.txt" behind a folder or a capital: the words of a file's name, from each that may begin it. */
function longNames(request: string, all: readonly Word[], i: number): string[] {
  const last = all[i];
  const out: string[] = [];
  for (let j = i - 1; last !== undefined && j >= Math.max(0, i - 4); j--) {
    const [word, next] = [all[j], all[j + 1]];
    if (word === undefined || next === undefined || /[,;:?!"'`“”«»]/.test(request.slice(word.to, next.from)))
      break;
    if (isFileName(word.text)) break;
    const begins =
      /[/\\]/.test(word.text) ||
      (j > 0 && /^[\p{Lu}\p{N}]/u.test(word.text) && !FUNCTION_WORDS.has(word.text.toLowerCase()));
    if (begins || CALLED.test(all[j - 1]?.text ?? "")) out.push(request.slice(word.from, last.to));
  }
  return out;
}
