import { globsOf, isEnding, kindsOf } from "./kinds.ts";
import { namesIn } from "./paths.ts";
import { saidIn } from "./said.ts";
import type { Sources } from "./sources.ts";
import { FUNCTION_WORDS, quoted, words } from "./spans.ts";

/** Patterns of names. Where a text inside files is sought, only endings are: its words are the text, not the name. */
export function patterns(sources: Sources): string[] {
  const { request } = sources;
  const kinds = saidIn(request).globs.flatMap((said) =>
    said.startsWith(".") ? [`*${said}`] : [...kindsOf(said), ...(said.includes("*") ? [said] : [])],
  );
  if (sources.inside) return kinds;
  const part = partOfName(request);
  if (part === undefined && kinds.length > 0 && quoted(request).length === 0 && !NAMED.test(request))
    return kinds;
  if (part === "*…" && kinds.length > 0) return kinds;
  return part === undefined ? wholeNames(sources) : partsOfNames(request, part, kinds);
}

function wholeNames({ request, results }: Sources): string[] {
  const out = [...quoted(request)];
  const all = words(request);
  for (const [i, { text }] of all.entries()) {
    if (isPath(text) || (bindsOnly(text) && kindsOf(text).length === 0)) continue;
    out.push(text, ...globsOf(text, all[i - 1]?.text, all[i + 1]?.text));
  }
  for (const result of results.slice(0, 1)) out.push(...namesIn(result));
  return out;
}

/** Each word as this part of a name, and with the kind of files that is said as well (`*budget*.xlsx`). */
function partsOfNames(request: string, part: string, kinds: readonly string[]): string[] {
  const all = words(request).map(({ text }) => text);
  const texts = [...quoted(request), ...all].filter(
    (text) => !isPath(text) && !bindsOnly(text) && (kinds.length === 0 || kindsOf(text).length === 0),
  );
  return texts.flatMap((text) => {
    if (/[*?]/.test(text)) return [text];
    const bare = text.replace(/^\./, "");
    const glob = part === "*…" && isEnding(bare) ? `*.${bare}` : part.replace("…", text);
    const typed = kinds.map((kind) => glob + (glob.endsWith("*") ? kind.slice(1) : kind));
    return typed.length > 0 ? typed : [glob];
  });
}

const isPath = (text: string): boolean => /[/\\]/.test(text) && !/[*?]/.test(text);
const bindsOnly = (text: string): boolean => FUNCTION_WORDS.has(text.toLowerCase());

const IN_NAME =
  /\b(?:in|as part of)\s+(?:(?:its|the|their|his|her|a|teh)\s+)?(?:file\s?)?(?:names?|title)\b|\bnames?\s+(?:that\s+|which\s+)?(?:contain|ha[sd]|have|with|includ)|\bpart of (?:the|its|a) (?:file\s?)?name/i;
const ENDS = /\bend(?:s|ing)?\s+(?:with|in|on)\b/i;
const NAMED = /\b(?:named|called|titled)\b/i;
const BEGINS = /\b(?:start|begin)(?:s|ning|ing)?\s+(?:with|by|in)\b/i;

/** "with budget in the name" asks for a part of a name, "beginning with" for its start, "ending in" for its end. */
function partOfName(request: string): string | undefined {
  if (IN_NAME.test(request)) return "*…*";
  if (ENDS.test(request)) return "*…";
  return BEGINS.test(request) ? "…*" : undefined;
}
