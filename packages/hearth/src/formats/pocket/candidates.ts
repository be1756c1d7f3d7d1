import type { JsonSchema } from "../../protocol/index.ts";
import { globsOf, kindsOf } from "./kinds.ts";
import { type Role, roleOf } from "./roles.ts";
import { isFileName, saidIn } from "./said.ts";
import { FUNCTION_WORDS, numbersIn, pathLike, quoted, spans, type Word, words } from "./spans.ts";

/** Texts that arguments may point at. */
export interface Sources {
  /** What the user asked. */
  request: string;
  /** Results of earlier calls of this conversation, newest first. */
  results: readonly string[];
  /** Names in the workspace, where known. */
  workspaceNames: readonly string[];
  /** The request asks for a text inside files, and this tool looks for texts: its words are that text, or say where. */
  inside: boolean;
  /** The files of which one is to be opened now; then nothing else is a path. */
  only?: readonly string[];
}

/** Names in a result: lines and words that look like files or paths, as they stand there. */
function namesIn(result: string): string[] {
  const out: string[] = [];
  for (const line of result.split("\n").slice(0, 60))
    for (const word of words(line)) if (pathLike(word.text)) out.push(word.text);
  return out;
}

/** Nearly the same word: a slip of one letter, or of two that changed places, in words of four letters or more. */
export function near(a: string, b: string): boolean {
  const x = a.toLowerCase();
  const y = b.toLowerCase();
  if (x === y) return true;
  if (Math.min(x.length, y.length) < 4 || Math.abs(x.length - y.length) > 1) return false;
  let i = 0;
  while (i < x.length && x[i] === y[i]) i++;
  const restX = x.slice(i);
  const restY = y.slice(i);
  if (restX.slice(1) === restY || restX === restY.slice(1) || restX.slice(1) === restY.slice(1)) return true;
  return restX[0] === restY[1] && restX[1] === restY[0] && restX.slice(2) === restY.slice(2);
}

/** Words that may say where: all of them, or where a text is sought those that stand at a place. */
function placeWords({ request, inside }: Sources): string[] {
  const all = words(request);
  return all.filter((_, i) => !inside || isPlace(all, i)).map((word) => word.text);
}

/** Folders of the workspace that the request names; a right call says them. */
export function saidFolders(sources: Sources): string[] {
  const { workspaceNames: names } = sources;
  if (names.length === 0 || sources.only !== undefined) return [];
  const said = placeWords(sources).filter(
    (word) => word.length > 2 && !FUNCTION_WORDS.has(word.toLowerCase()),
  );
  return trueNames(
    said.map((word) => word.replace(/\/$/, "")),
    names,
  ).filter((name) => isFolder(name, names));
}

const isFolder = (name: string, names: readonly string[]): boolean =>
  names.some((other) => other.startsWith(`${name}/`));

function paths(sources: Sources, role: Role): string[] {
  const { request, results, workspaceNames, inside } = sources;
  if (sources.only !== undefined) return [...sources.only];
  const out: string[] = role === "file" ? [] : ["."];
  const said = placeWords(sources);
  for (const word of said) if (!FUNCTION_WORDS.has(word.toLowerCase())) out.push(word);
  for (const text of inside ? [] : spans(request, 4))
    if (text.includes(" ") && namesSomething(text)) out.push(text);
  if (!inside) out.push(...quoted(request));
  if (/\b(parent|one level up|above|up one)\b/i.test(request)) out.push("..");
  if (/\bhome\b/i.test(request)) out.push("~");
  for (const result of results.slice(0, 3)) out.push(...namesIn(result));
  for (const name of workspaceNames)
    if (said.some((word) => near(word, name)) || request.toLowerCase().includes(name.toLowerCase()))
      out.push(name);
  const found = trueNames(out, workspaceNames);
  if (role !== "file" || workspaceNames.length === 0) return found;
  // What is there is known: a word that is no file's name there and does not look like one is none.
  return found.filter(
    (text) => (pathLike(text) || workspaceNames.includes(text)) && !isFolder(text, workspaceNames),
  );
}

/** Whether a word tells where, in a request that also tells what text to find: a path, or behind "in", "under", … */
function isPlace(all: readonly Word[], i: number): boolean {
  const word = all[i]?.text ?? "";
  if (pathLike(word)) return true;
  const before = all.slice(Math.max(0, i - 3), i).map(({ text }) => text.toLowerCase());
  const at = before.findLastIndex((one) => PLACES.has(one));
  return at >= 0 && before.slice(at + 1).every((one) => FUNCTION_WORDS.has(one));
}

const PLACES = new Set("in inside under below within from through of across".split(" "));

/** A run of words that may be one name: its first and last word are more than function words. */
function namesSomething(text: string): boolean {
  const parts = text.split(/\s+/);
  const ends = [parts[0] ?? "", parts.at(-1) ?? ""];
  return (
    ends.every((word) => !FUNCTION_WORDS.has(word.toLowerCase())) &&
    ends.every((word) => /^[\p{Lu}\p{N}]/u.test(word))
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

/** Patterns of names. Where a text inside files is sought, only endings are: its words are the text, not the name. */
function globs(sources: Sources): string[] {
  if (sources.inside)
    return saidIn(sources.request).globs.flatMap((said) =>
      said.startsWith(".") ? [`*${said}`] : [...kindsOf(said), ...(said.includes("*") ? [said] : [])],
    );
  const out: string[] = [...quoted(sources.request)];
  for (const { text } of words(sources.request)) {
    const lower = text.toLowerCase();
    if (/[/\\]/.test(text) && !/[*?]/.test(text)) continue;
    if (FUNCTION_WORDS.has(lower) && kindsOf(text).length === 0) continue;
    out.push(text, ...globsOf(text));
  }
  for (const result of sources.results.slice(0, 1)) out.push(...namesIn(result));
  return out;
}

/** Texts that a string argument may be, most specific first; empty where it has to be written freely. */
export function stringCandidates(name: string, schema: JsonSchema, sources: Sources): string[] {
  const role = roleOf(name, schema);
  if (role === "free") return [];
  const found = byRole(role, sources);
  if (typeof schema["default"] === "string") found.push(schema["default"]);
  if ((role === "folder" || role === "path") && saidFolders(sources).length > 0)
    return [...new Set(found)].filter((text) => text !== "." && fits(text, schema));
  return [...new Set(found)].filter((text) => fits(text, schema));
}

function byRole(role: Role, sources: Sources): string[] {
  if (role === "path" || role === "file") return paths(sources, role);
  if (role === "folder") return paths(sources, role).filter((text) => !isFileName(text));
  if (role === "glob") return globs(sources);
  const all = [...quoted(sources.request), ...spans(sources.request, role === "content" ? 4 : 12)];
  if (role !== "content") return all;
  return all.filter((text) => !FUNCTION_WORDS.has(text.toLowerCase()) && !pathLike(text));
}

function fits(text: string, schema: JsonSchema): boolean {
  const { minLength, maxLength, pattern } = schema;
  if (text === "" || text.includes("<|")) return false;
  const length = [...text].length;
  if (typeof minLength === "number" && length < minLength) return false;
  if (typeof maxLength === "number" && length > maxLength) return false;
  if (typeof pattern !== "string") return true;
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return false;
  }
}

/** Numbers that a numeric argument may be: those said in the request, then those of earlier results. */
export function numberCandidates(schema: JsonSchema, sources: Sources): number[] {
  const said = [
    ...numbersIn(sources.request),
    ...sources.results.slice(0, 2).flatMap(numbersIn).slice(0, 40),
  ];
  const min = typeof schema["minimum"] === "number" ? schema["minimum"] : Number.NEGATIVE_INFINITY;
  const max = typeof schema["maximum"] === "number" ? schema["maximum"] : Number.POSITIVE_INFINITY;
  return said.filter(
    (value) =>
      value >= min &&
      value <= max &&
      (schema["type"] !== "integer" || Number.isInteger(value)) &&
      usable(schema),
  );
}

/** Bounds that candidates are not checked against leave the number to the general rule. */
const usable = (schema: JsonSchema): boolean =>
  !["exclusiveMinimum", "exclusiveMaximum", "multipleOf"].some((key) => key in schema);
