/** The text that a regular expression without any freedom matches; white space it lets pass is left out. */
export function literalOf(pattern: string): string | undefined {
  let out = "";
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    if (char === "\\") {
      const next = pattern[++at];
      if (next === "n") out += "\n";
      else if (next === "t") out += "\t";
      else if (next === "s") {
        if (!/[*?+]/.test(pattern[at + 1] ?? "")) return undefined;
        at++;
      } else if (next === undefined || /\w/.test(next)) return undefined;
      else out += next;
      if (/[*?+]/.test(pattern[at + 1] ?? "") && next !== "s") {
        // An optional line break: the parser forgives it.
        if (pattern[at + 1] === "+" || !/[nt]/.test(next ?? "")) return undefined;
        out = out.slice(0, -1);
        at++;
      }
    } else if (/[.*+?^${}()|[\]]/.test(char)) {
      if (char !== "]" && char !== "}" && char !== "{") return undefined;
      out += char;
    } else out += char;
  }
  return out;
}

/** The literal texts around and between these named groups, in this order; undefined where they are not literal. */
export function aroundGroups(pattern: string, names: readonly string[]): string[] | undefined {
  const parts: string[] = [];
  let rest = pattern;
  for (const name of names) {
    const start = rest.search(new RegExp(`\\(\\?P?<${name}>`));
    if (start < 0) return undefined;
    const end = closing(rest, start);
    const before = literalOf(rest.slice(0, start));
    if (end === undefined || before === undefined) return undefined;
    parts.push(before);
    rest = rest.slice(end + 1);
  }
  const tail = literalOf(rest);
  return tail === undefined ? undefined : [...parts, tail];
}

function closing(pattern: string, open: number): number | undefined {
  let depth = 0;
  let inClass = false;
  for (let at = open; at < pattern.length; at++) {
    const char = pattern[at];
    if (char === "\\") at++;
    else if (inClass) inClass = char !== "]";
    else if (char === "[") inClass = true;
    else if (char === "(") depth++;
    else if (char === ")" && --depth === 0) return at;
  }
  return undefined;
}
