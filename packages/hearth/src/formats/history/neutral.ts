import type { Dialect } from "../dialects/index.ts";
import { neutralise } from "../neutralise.ts";

const BREAK = "\u2060";
/** What looks like a special token inside a template's own text. */
const TOKEN =
  /<\|[^<>|\s]{1,60}\|>|<｜[^<>｜]{1,60}｜>|<\/?(?:s|start_of_turn|end_of_turn|bos|eos|unk|pad)>|\[\/?[A-Z][A-Z_]{2,}\]|<<\/?SYS>>|<[a-z_]+:[a-z_]+>|\]<\][a-z]+\[>\[/g;

const patterns = new Map<string, RegExp | undefined>();

function tokensOf(template: string): RegExp | undefined {
  if (patterns.has(template)) return patterns.get(template);
  const found = [...new Set(template.match(TOKEN) ?? [])].sort((a, b) => b.length - a.length);
  const escaped = found.map((token) => token.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = escaped.length === 0 ? undefined : new RegExp(escaped.join("|"), "g");
  if (patterns.size >= 32) patterns.clear();
  patterns.set(template, pattern);
  return pattern;
}

/** Untrusted text with the tokens of this format and of this template made harmless (see `neutralise`). */
export function neutral(text: string, dialect: Dialect, template: string): string {
  const pattern = tokensOf(template);
  const safe = neutralise(text, dialect);
  return pattern === undefined ? safe : safe.replace(pattern, (token) => token[0] + BREAK + token.slice(1));
}
