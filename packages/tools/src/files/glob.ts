/**
 * Patterns of names, matched in time linear in pattern times text (no regular expression is made of a model's pattern).
 * `*` and `?` stay within a part, `**` spans parts, `[abc]`, `[!a-z]`, `{a,b}`. Upper and lower case are the same.
 */
export type Matcher = (path: string) => boolean;

type Token =
  | { kind: "char"; char: string }
  | { kind: "any" }
  | { kind: "star" }
  | { kind: "set"; not: boolean; ranges: [string, string][] };

const MAX_ALTERNATIVES = 64;
const MAX_PATTERN = 500;

export function isGlob(pattern: string): boolean {
  return /[*?[{]/.test(pattern);
}

/** Compiles a pattern against paths with "/" between parts. Undefined: the pattern is too long or has too many alternatives. */
export function compileGlob(pattern: string): Matcher | undefined {
  if (pattern.length > MAX_PATTERN) return undefined;
  const all = expandBraces(pattern.toLowerCase());
  if (all === undefined) return undefined;
  const compiled = all.map((one) => {
    const parts = one.split("/").filter((part) => part !== "" && part !== ".");
    // "src/**" is what is in src, not src itself.
    if (parts.at(-1) === "**") parts.push("*");
    return parts.map((part) => (part === "**" ? part : tokens(part)));
  });
  return (path) => {
    const parts = path.toLowerCase().split("/");
    return compiled.some((one) => matchParts(one, parts));
  };
}

/** `a{b,c}d` as `abd`, `acd`; nested ones too. */
function expandBraces(pattern: string): string[] | undefined {
  const open = pattern.indexOf("{");
  if (open < 0) return [pattern];
  let depth = 0;
  let start = open + 1;
  const options: string[] = [];
  for (let at = open; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === "{") depth++;
    else if (char === "}" && --depth === 0) {
      options.push(pattern.slice(start, at));
      const out: string[] = [];
      for (const option of options) {
        const whole = expandBraces(pattern.slice(0, open) + option + pattern.slice(at + 1));
        if (whole === undefined) return undefined;
        out.push(...whole);
        if (out.length > MAX_ALTERNATIVES) return undefined;
      }
      return out;
    } else if (char === "," && depth === 1) {
      options.push(pattern.slice(start, at));
      start = at + 1;
    }
  }
  // No closing brace: the brace means itself.
  return expandBraces(pattern.slice(open + 1))?.map((tail) => `${pattern.slice(0, open)}{${tail}`);
}

function tokens(part: string): Token[] {
  const chars = [...part];
  const out: Token[] = [];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!;
    if (char === "*") {
      if (out.at(-1)?.kind !== "star") out.push({ kind: "star" });
    } else if (char === "?") out.push({ kind: "any" });
    else if (char === "[") {
      const close = chars.indexOf("]", at + 2);
      if (close < 0) out.push({ kind: "char", char });
      else {
        out.push(set(chars.slice(at + 1, close)));
        at = close;
      }
    } else out.push({ kind: "char", char });
  }
  return out;
}

function set(inner: string[]): Token {
  const not = inner[0] === "!" || inner[0] === "^";
  const chars = not ? inner.slice(1) : inner;
  const ranges: [string, string][] = [];
  for (let at = 0; at < chars.length; at++) {
    const from = chars[at]!;
    if (chars[at + 1] === "-" && at + 2 < chars.length) {
      ranges.push([from, chars[at + 2]!]);
      at += 2;
    } else ranges.push([from, from]);
  }
  return { kind: "set", not, ranges };
}

/** Which prefixes of the pattern match which prefixes of the path: a row at a time. */
function matchParts(pattern: (Token[] | string)[], parts: string[]): boolean {
  let row = [true, ...new Array<boolean>(parts.length).fill(false)];
  for (const piece of pattern) {
    const next = new Array<boolean>(parts.length + 1).fill(false);
    if (typeof piece === "string") {
      let reached = false;
      for (let at = 0; at <= parts.length; at++) next[at] = reached ||= row[at]!;
    } else {
      for (let at = 0; at < parts.length; at++) next[at + 1] = row[at]! && matchPart(piece, [...parts[at]!]);
    }
    row = next;
  }
  return row[parts.length]!;
}

/** One part; a star only ever goes back to the last star, so the time is at most pattern times text. */
function matchPart(pattern: Token[], text: string[]): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    const token = pattern[p];
    if (token?.kind === "star") {
      star = p++;
      mark = t;
    } else if (token !== undefined && matchChar(token, text[t]!)) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p]?.kind === "star") p++;
  return p === pattern.length;
}

function matchChar(token: Token, char: string): boolean {
  if (token.kind === "char") return token.char === char;
  if (token.kind === "set")
    return token.ranges.some(([from, to]) => from <= char && char <= to) !== token.not;
  return token.kind === "any";
}
