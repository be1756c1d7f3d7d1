import type { JsonSchema } from "../../protocol/index.ts";
import { paths, saidFolders } from "./paths.ts";
import { patterns } from "./patterns.ts";
import { roleOf } from "./roles.ts";
import { isFileName, SIZES, saidIn } from "./said.ts";
import { bareOf, introduced, labelled, shaped } from "./shapes.ts";
import type { Sources } from "./sources.ts";
import { bareEnds, FUNCTION_WORDS, pathLike, quoted, spans, words } from "./spans.ts";

/** Texts that a string argument may be, most specific first; empty where it has to be written freely. */
export function stringCandidates(name: string, schema: JsonSchema, sources: Sources): string[] {
  const role = roleOf(name, schema);
  if (role === "free") return [];
  const found = byRole(name, schema, sources);
  const decided = role === "glob" && saidIn(sources.request).globs.length > 0;
  if (typeof schema["default"] === "string" && !(decided && found.length > 0)) found.push(schema["default"]);
  const folders = role === "folder" || role === "path" ? saidFolders(sources) : [];
  const may = (text: string): boolean =>
    folders.length === 0 || folders.includes(text) || (text !== "." && pathLike(text));
  return [...new Set(found)].filter((text) => may(text) && fits(text, schema));
}

function byRole(name: string, schema: JsonSchema, sources: Sources): string[] {
  const { request } = sources;
  const role = roleOf(name, schema);
  if (role === "path" || role === "file") return paths(sources, role);
  if (role === "folder")
    return paths(sources, role).filter((text) => !isFileName(text) || SIZES.test(request));
  if (role === "glob") return patterns(sources);
  const inQuotes = quoted(request);
  if (role === "content") {
    const texts = inQuotes.filter((text) => !isFileName(text));
    if (texts.length > 0) return texts;
    const { code, sought } = saidIn(request);
    if (code) return sought;
    const said = spans(request, 4).filter((text) => !FUNCTION_WORDS.has(text.toLowerCase()));
    return [...said.filter((text) => !pathLike(text)), ...sought];
  }
  const owners = bareOf(words(request));
  const all = [...inQuotes, ...owners, ...spans(request, 12).filter(bareEnds)];
  const said = introduced(name, request);
  if (said.length > 0 && inQuotes.length === 0) return said;
  const beside = labelled(name, words(request));
  if (beside.length > 0) return beside;
  const look = shaped(name, schema, all);
  if (look !== undefined) return look;
  const side = behindDirection(name, schema, request);
  const turned = side === undefined ? [] : all.filter((text) => side.startsWith(text));
  return turned.length > 0 ? turned : all;
}

/** What a request says behind "from" or "to" where it says both, for a parameter that is one of the two. */
export function behindDirection(name: string, schema: JsonSchema, request: string): string | undefined {
  if (!/\b(?:from|out of)\b.*\b(?:in)?to\b|\b(?:in)?to\b.*\b(?:from|out of)\b/i.test(request))
    return undefined;
  const described = typeof schema["description"] === "string" ? schema["description"] : "";
  const from =
    /^(?:from|source|origin|src|departure)(?:[_A-Z]|$)/.test(name) ||
    /\b(?:where from|source|origin)\b/i.test(described);
  const to =
    /^(?:to|target|dest\w*|into|arrival)(?:[_A-Z]|$)/.test(name) ||
    /\b(?:where to|target|destination)\b/i.test(described);
  if (from === to) return undefined;
  const cue = from
    ? /\b(?:from|out of)\s+(?:the\s+|my\s+)?["'`“]?/gi
    : /\b(?:in)?to\s+(?:the\s+|my\s+)?["'`“]?/gi;
  const last = [...request.matchAll(cue)].at(-1);
  return last === undefined ? undefined : request.slice(last.index + last[0].length);
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
