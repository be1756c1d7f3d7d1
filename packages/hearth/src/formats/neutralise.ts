import { type Dialect, dialects, markersOf } from "./dialects/index.ts";
import { dialectOf } from "./parse.ts";

/** Stands inside a neutralised marker: invisible, and no tokenizer joins over it. */
const BREAK = "\u2060";

/** Markers that everyday text may contain are left alone: only what looks like a token of a template counts. */
function isToken(marker: string): boolean {
  return /^\s*(?:<[^<>]*[>｜]|<\||<｜|\[\/?[A-Z_]{3,}\]|\]<\]|\]~)/.test(marker) && marker.trim().length > 3;
}

function patternOf(list: readonly Dialect[]): RegExp {
  const all = new Set<string>();
  for (const dialect of list)
    for (const marker of [...markersOf(dialect), ...(dialect.tokens ?? [])])
      if (isToken(marker)) all.add(marker.trim());
  const sorted = [...all].sort((a, b) => b.length - a.length);
  const texts = sorted.map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp([...texts, "<\\|[^|<>\\s]{1,60}\\|>", "<｜[^｜<>]{1,60}｜>"].join("|"), "g");
}

let everything: RegExp | undefined;

/**
 * Makes tokens of chat templates in untrusted text (results of tools, files, pages) harmless: an invisible word joiner goes
 * behind their first character, so a reader sees the same and a tokenizer no longer finds them. Without a format, those of
 * every format and whatever else looks like one.
 */
export function neutralise(text: string, format?: string | Dialect): string {
  const pattern =
    format === undefined ? (everything ??= patternOf(dialects)) : patternOf([dialectOf(format)]);
  return text.replace(pattern, (token) => token[0] + BREAK + token.slice(1));
}
