import { isEnding, kindsOf } from "./kinds.ts";
import { near } from "./near.ts";
import { namedIn } from "./places.ts";
import type { Role } from "./roles.ts";
import { IDENTIFIER, isFileName, saidIn } from "./said.ts";
import type { Sources } from "./sources.ts";
import { FUNCTION_WORDS, pathLike, quoted, spans, type Word, words } from "./spans.ts";
import { corrected } from "./spoken.ts";

/** Names in a result: lines and words that look like files or paths, as they stand there. */
export function namesIn(result: string): string[] {
  const out: string[] = [];
  for (const line of result.split("\n").slice(0, 60))
    for (const { text } of words(line)) if (pathLike(text) && !/^\d+(?:\.\d+)?$/.test(text)) out.push(text);
  return out;
}

/** Paths that an argument may be: what is said at a place, quoted, named outright, found before, or there. */
export function paths(sources: Sources, role: Role): string[] {
  const { request, results, workspaceNames: names, inside } = sources;
  if (sources.only !== undefined) return [...sources.only];
  const out: string[] = role === "file" ? [] : ["."];
  const { folders, long } = namedIn(request);
  const whole = long.filter((text) => /^\S*[/\\]/.test(text));
  const said = placeWords(sources).filter((word) => !whole.some((text) => text.split(" ").includes(word)));
  if (!FREE.test(request)) out.push(...said.filter((word) => !FUNCTION_WORDS.has(word.toLowerCase())));
  else out.push(...said.filter(pathLike));
  if (!inside) {
    if (whole.length === 0) out.push(...spans(request, 4).filter(namesSomething));
    out.push(...quoted(request));
    if (role !== "folder") out.push(...long, ...calledFile(request));
  }
  if (role !== "file") out.push(...folders, ...documents(request), ...twoWords(request));
  if (UP.test(request)) out.push("..");
  if (/\bhome\b/i.test(request)) out.push("~");
  for (const result of results.slice(0, 3)) out.push(...namesIn(result));
  for (const name of names)
    if (said.some((word) => near(word, name)) || request.toLowerCase().includes(name.toLowerCase()))
      out.push(name);
  const found = trueNames(out, names);
  if (role !== "file") return found;
  const { files } = saidIn(request);
  // What is there is known: a word that is no file's name there and does not look like one is none.
  if (names.length > 0) {
    const there = found.filter((text) => names.includes(text) && files.some((file) => text.endsWith(file)));
    if (there.length > 0) return there;
    return found.filter((text) => (pathLike(text) || names.includes(text)) && !isFolder(text, names));
  }
  if (files.length === 0) return found;
  const [file] = files;
  const [folder, second] = folders.length > 0 ? folders : sure(request.replace(file ?? "", ""));
  const bare = files.length === 1 && file !== undefined && long.length === 0 && !/[/\\]/.test(file);
  const lies = bare && folder !== undefined && second === undefined;
  return lies ? [`${folder.replace(/\/$/, "")}/${file}`] : found.filter((text) => isFileName(text));
}

/** Folders that the request calls such, or of the workspace that it names; a right call says them. */
export function saidFolders(sources: Sources): string[] {
  const { workspaceNames: names, request } = sources;
  if (sources.only !== undefined) return [];
  const said = [...namedIn(request).folders, ...(sources.byName === true ? below(request) : [])];
  if (PARENT.test(request)) said.push("..");
  if (HOME.test(request)) said.push("~");
  if (said.length === 0) said.push(...sure(request));
  if (said.length > 0 || names.length === 0)
    return trueNames(said, names).map((text) =>
      names.includes(text) ? text : (names.find((name) => near(text, name)) ?? text),
    );
  const words = placeWords(sources).filter(
    (word) => word.length > 2 && !FUNCTION_WORDS.has(word.toLowerCase()),
  );
  return trueNames(
    words.map((word) => word.replace(/\/$/, "")),
    names,
  ).filter((name) => isFolder(name, names));
}

const PARENT = /\b(?:parent|upper) (?:folder|dir\w*)\b|\b(?:one|a) (?:level|folder|directory) up\b/i;
/** Asks for the room that is left, which is one for all folders. */
const FREE =
  /\b(?:free|left|enough|available)\b.*\b(?:space|disk|drive|room)\b|\b(?:space|room)\b.*\b(?:free|left|available|disk|drive)\b/i;
const HOME = /\bhome (?:folder|dir\w*)\b/i;
const UP = /\b(parent|one level up|above|up one)\b/i;

/** A path that can only be a folder to look in: the one word with a slash, which neither ends like a file nor is a pattern. */
function sure(request: string): string[] {
  const [, pattern = "", rest = ""] = GREP.exec(request) ?? [];
  if (pattern !== "")
    return rest
      .split(/\s+/)
      .filter((word) => /^[\w.~/][^*=]*$/.test(word))
      .slice(0, 1);
  const found = words(request).filter(({ text }) => /[/\\]|^~$/.test(text) && !NO_PATH.test(text));
  return found.length === 1 ? found.map(({ text }) => text).filter((text) => !isFileName(text)) : [];
}

/** A command for a shell, whose last word is the folder. */
const GREP = /^(?:grep|rg|ag|egrep)\s+(?:-\S+\s+)*("[^"]+"|'[^']+'|\S+)\s+((?!in\b|for\b)\S+(?:\s+-\S+)*)$/;
const NO_PATH = /[*?=]|:\/\/|^\w{1,3}\/\w{0,2}$|^(?:and|either|he)\/|^\d+\/\d+|\s/i;

const isFolder = (name: string, names: readonly string[]): boolean =>
  names.some((other) => other.startsWith(`${name}/`));

/** Words that may say where: all of them, or where a text or a name is sought those that stand at a place. */
function placeWords({ request, inside, byName = false }: Sources): string[] {
  const all = words(request);
  return all.filter((_, i) => !(inside || byName) || isPlace(all, i)).map((word) => word.text);
}

/** Whether a word tells where, in a request that also tells what to find: a path, or behind "in", "under", … */
function isPlace(all: readonly Word[], i: number): boolean {
  const word = all[i]?.text ?? "";
  if (word.startsWith(".") && isEnding(word.slice(1))) return false;
  if (pathLike(word)) return true;
  if (
    IDENTIFIER.test(word) ||
    (kindsOf(word).length > 0 && /^files?$/i.test(corrected(all[i + 1]?.text ?? "")))
  )
    return false;
  return stands(all, i, PLACES) && !EVERYWHERE.test(word);
}

/** Whether one of these stands before a word, with nothing but words that only bind between. */
function stands(all: readonly Word[], i: number, markers: ReadonlySet<string>): boolean {
  const before = all.slice(Math.max(0, i - 3), i).map(({ text }) => text.toLowerCase());
  const at = before.findLastIndex((one) => markers.has(one));
  return at >= 0 && before.slice(at + 1).every((one) => FUNCTION_WORDS.has(one));
}

const PLACES = new Set("in inside under below within through across beneath".split(" "));
/** What people look in without meaning a folder of that name. */
const EVERYWHERE =
  /^(?:code|project|repo|repository|codebase|workspace|system|computer|machine|drive|disk|app|application|text|lines|general|total|case|english|files?)$/i;
const BELOW = new Set("below under underneath beneath".split(" "));

/** The folder behind "below" or "under", which in a search says where to look. */
function below(request: string): string[] {
  const all = words(request);
  return all
    .filter(({ text }, i) => stands(all, i, BELOW) && !FUNCTION_WORDS.has(text.toLowerCase()))
    .map(({ text }) => text.replace(/\/$/, ""))
    .filter((text) => !isFileName(text) && !/[*?]/.test(text) && /^[\p{L}\p{N}~.]/u.test(text));
}

/** A folder called Documents, which any sentence may also speak of in small letters. */
const documents = (request: string): string[] =>
  /(?<=\S\s+)Documents\b|\b(?<=(?:in|under|inside|list|open|my)\s+)documents\b/.exec(request)?.slice(0, 1) ??
  [];

/** A path whose last name has two words, up to the end of the request ("videos/raw footage", `C:\Program Files`). */
function twoWords(request: string): string[] {
  const found = /(?:^|\s)(\S*[/\\]\S*[^\s/\\.]) ([\p{L}\d-]+)[.?!]*$/u.exec(request);
  return found?.[1] === undefined || FUNCTION_WORDS.has(found[2] ?? "") ? [] : [`${found[1]} ${found[2]}`];
}

/** A word behind "the file called", whatever it is. */
function calledFile(request: string): string[] {
  const name = /\bfile\s+(?:called|named|titled)\s+["'`“]?([^\s"'`”,;:?!]+)/iu.exec(request)?.[1];
  return name === undefined ? [] : [name.replace(/\.$/, "")];
}

/** A run of words that may be one name: its first and last word are more than function words. */
function namesSomething(text: string): boolean {
  const parts = text.split(/\s+/);
  if (parts.length < 2) return false;
  return [parts[0] ?? "", parts.at(-1) ?? ""].every(
    (word) => !FUNCTION_WORDS.has(word.toLowerCase()) && /^[\p{Lu}\p{N}]/u.test(word),
  );
}

/** A word that differs from one name of the workspace in case alone stands for that name, and the last part of just one path for it. */
function trueNames(candidates: readonly string[], names: readonly string[]): string[] {
  if (names.length === 0) return [...candidates];
  const exact = new Set(names);
  const byLower = new Map(names.map((name) => [name.toLowerCase(), name]));
  return candidates.map((text) => {
    if (exact.has(text)) return text;
    const lower = text.toLowerCase();
    const below = names.filter((name) => name.toLowerCase().endsWith(`/${lower}`));
    return byLower.get(lower) ?? (below.length === 1 ? below[0] : undefined) ?? text;
  });
}
