import { FUNCTION_WORDS, MAX_READ_CHARS, words } from "./spans.ts";

/** What a request wants done that looking can't do; of such the model may say that no tool fits. */
const CHANGES =
  /\b(?:delet|remov|renam|mov(?:e|ing)\b|cop(?:y|ies)\b|creat|mak(?:e|ing)\b|writ(?:e|ing)\b|append|add\b|edit|chang(?:e|ing)\b|replac|zip\b|unzip|compress|extract|upload|download(?!s)|send|mail\b|email|print\b.*\b(?:paper|printer|out)|run\b|execut|install|convert|translat|encrypt|share\b|sync|back up|save\b|put\b|set\b|fix\b|sort\b|merge\b|clean|empty\b|restore|undo|schedul|remind|book\b|call\b|order\b|buy\b|play\b)/iu;
const ASKS =
  /\?|\b(?:what|which|who|whose|when|where|why|how|find|look|show|see|read|open|tell|check|list|search|give|get|see|cat|view|display)\b/iu;
/** Folder and file names that any talk may have a word of. */
const COMMON = new Set("data test tests main index home temp work files".split(" "));

const stem = (word: string): string => word.toLowerCase().replace(/ies$/u, "y").replace(/s$/u, "");

/** Whether a request asks, changes nothing, and says a word that names something in the workspace ("the march invoice": invoices/). */
export function asksOf(request: string, names: readonly string[]): boolean {
  if (names.length === 0 || request.length > MAX_READ_CHARS || !ASKS.test(request) || CHANGES.test(request))
    return false;
  const known = new Set(
    names
      .flatMap((name) => name.split(/[/\\._ -]/u))
      .filter((part) => part.length > 3)
      .map(stem),
  );
  return words(request).some(({ text }) => {
    const own = text.replace(/['’]s$/u, "");
    return (
      own.length > 3 &&
      !FUNCTION_WORDS.has(own.toLowerCase()) &&
      !COMMON.has(own.toLowerCase()) &&
      known.has(stem(own))
    );
  });
}

/** What a file is said to say ("the readme says which", "according to the timetable"). */
const SAYS = /^(?:says?|said|tells?|names?|lists?|mentions?|points?|states?|has|shows?|knows?|explains?)$/iu;

/** The one file of the workspace that a request speaks of by its bare name as telling something; it is read first. */
export function toldBy(request: string, names: readonly string[]): string | undefined {
  if (request.length > MAX_READ_CHARS) return undefined;
  const all = words(request);
  const said = all.filter(
    ({ from }, i) => SAYS.test(all[i + 1]?.text ?? "") || ACCORDING.test(request.slice(0, from)),
  );
  const found = said.flatMap(({ text }) =>
    names.filter(
      (name) => bareName(name) === text.toLowerCase() || name === text || name.endsWith(`/${text}`),
    ),
  );
  return found.length === 1 ? found[0] : undefined;
}

const ACCORDING = /\bacc?ording to (?:the|my|our|your) $/iu;
const bareName = (name: string): string =>
  /([^/\\]+?)\.[a-z0-9]+$/iu.exec(name)?.[1]?.toLowerCase().replace(/[ _-]/g, "") ?? "";
