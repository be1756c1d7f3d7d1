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
  /^(dir|folder|directory)$/i.test(word) || FOLDER.some((one) => near(word, one));
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
  if (out.folders.length === 0 && all.some(({ text }) => isFolderWord(text))) {
    const at = all.findIndex(({ text }) => CALLED.test(text));
    if (at >= 0) out.folders.push(...calledName(request, all, at + 1));
  }
  out.folders = [...new Set(out.folders.filter((name) => name !== "" && !isFileName(name)))];
  return out;
}

function besideFolder(request: string, all: readonly Word[], i: number): string[] {
  const word = all[i];
  if (word === undefined) return [];
  const front = request.slice(0, word.from).trimEnd();
  const quote =
    quotedAt(request, word.to) ?? quoted(request).find((text) => front.slice(0, -1).endsWith(text));
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
  if (verb) return [next.text];
  if (!named(next) || FUNCTION_WORDS.has(next.text.toLowerCase())) return [];
  const long = longFolder(request, all, i + 1);
  if (long !== undefined) return [long];
  return endsThere(request, all, i + 1) ? [next.text] : [];
}

/** "the folder Customer Complaints" by its capitals, "in the folder client data" up to the end of its clause. */
function longFolder(request: string, all: readonly Word[], from: number): string | undefined {
  const inIt = /^(?:in|inside|of|under|below|from)$/i.test(all[from - 3]?.text ?? all[from - 2]?.text ?? "");
  const [name = ""] = calledName(request, all, from);
  const parts = name.split(/\s+/);
  if (parts.length < 2) return undefined;
  const capitals = parts.findIndex((part) => !/^[\p{Lu}\d]/u.test(part));
  if (capitals < 0) return name;
  if (capitals > 1) return parts.slice(0, capitals).join(" ");
  return capitals === 0 && inIt && parts.length === 2 && endsClause(request, name) ? name : undefined;
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

/** Whether a name goes up to the end of its clause. */
const endsClause = (request: string, name: string): boolean =>
  /^["'`”]?\s*(?:$|[,;:.?!])/.test(request.slice(request.lastIndexOf(name) + name.length));

/** What stands behind "called": one word, or all of them up to a break or a word that goes on with the sentence. */
function calledName(request: string, all: readonly Word[], from: number): string[] {
  const first = all[from];
  if (first === undefined) return [];
  const quote = quotedAt(request, all[from - 1]?.to ?? 0);
  if (quote !== undefined) return [quote];
  let to = first.to;
  for (let i = from + 1; i < Math.min(all.length, from + 4); i++) {
    const word = all[i];
    if (
      word === undefined ||
      ENDS.has(word.text.toLowerCase()) ||
      /[,;:.?!]/.test(request.slice(to, word.from))
    )
      break;
    to = word.to;
  }
  return [request.slice(first.from, to)];
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
