import { createContext, Script } from "node:vm";

/** Longest pattern that is read; longer ones are no pattern a tool needs. */
const MAX_PATTERN_CHARS = 4096;
/** Time for one match of a pattern that may backtrack without end. */
const MATCH_MS = 50;
/** Longest text that a pattern with one repetition meets without a clock: quadratic at worst, so about 10 ms. */
const PLAIN_CHARS = 2000;

/** Whether a text matches; `undefined` when that took too long to find out. */
export type Matcher = (text: string) => boolean | undefined;

const cache = new Map<string, Matcher | undefined>();

/** A matcher for an ECMA-262 pattern, or nothing where it can't be read. It always comes back: backtracking is timed out. */
export function matcherOf(pattern: string): Matcher | undefined {
  if (cache.has(pattern)) return cache.get(pattern);
  const expression = regExpOf(pattern);
  const matcher = expression && (isPlain(pattern) ? plain(expression) : timed(expression));
  if (cache.size > 1000) cache.clear();
  cache.set(pattern, matcher);
  return matcher;
}

export function regExpOf(pattern: string): RegExp | undefined {
  if (pattern.length > MAX_PATTERN_CHARS) return undefined;
  for (const flags of ["u", ""]) {
    try {
      return new RegExp(pattern, flags);
    } catch {
      // Patterns of other dialects (`\-`) are valid without the flag.
    }
  }
  return undefined;
}

/** At most one repetition that may give back what it took, and no repeated group: no text makes it slow. */
function isPlain(pattern: string): boolean {
  const bare = pattern.replace(/\\./g, "x").replace(/\[[^\]]*\]/g, "x");
  const elastic = bare.match(/[*+]|\{\d+,\d*\}/g)?.length ?? 0;
  return elastic <= 1 && !/\)[*+{]/.test(bare);
}

function plain(expression: RegExp): Matcher {
  const slow = timed(expression);
  return (text) => (text.length <= PLAIN_CHARS ? expression.test(text) : slow(text));
}

let shared: { script: Script; context: { expression?: RegExp; text?: string } } | undefined;

function timed(expression: RegExp): Matcher {
  return (text) => {
    shared ??= { script: new Script("expression.test(text)"), context: createContext({}) };
    shared.context.expression = expression;
    shared.context.text = text;
    try {
      return shared.script.runInContext(shared.context, { timeout: MATCH_MS }) === true;
    } catch {
      return undefined;
    } finally {
      shared.context.text = "";
    }
  };
}
