/**
 * The part of Python on which the interpreter is known to agree with Python. Beyond it Monty not only refuses: it drops
 * decorators without a word, rounds and case-folds otherwise, and shows dates and bytes as its own objects. What is not in this
 * closed list goes to the real Python where there is one (measured by `npm run prove:python`).
 */
const KEYWORDS = new Set(
  "and or not in is if elif else for while break continue def return lambda True False None pass assert".split(
    " ",
  ),
);
const OTHER_KEYWORDS = new Set(
  "class import from with try except finally raise yield async await match case global nonlocal del type".split(
    " ",
  ),
);
const FUNCTIONS = new Set(
  "print len sum min max abs range int str bool list dict tuple sorted reversed enumerate zip any all divmod ord chr".split(
    " ",
  ),
);
const METHODS = new Set(
  "append extend pop insert remove index count reverse keys values items get update upper lower strip lstrip rstrip split join replace startswith endswith find isdigit isalpha".split(
    " ",
  ),
);

export function inSubset(code: string): boolean {
  const bare = withoutStrings(code);
  if (bare === undefined || /[@%`$\\]|:=|->/.test(bare) || !/^[\x20-\x7e\n\t]*$/.test(bare)) return false;
  const own = new Set([...bare.matchAll(/\bdef\s+(\w+)/g)].map((match) => match[1]!));
  for (const [, name] of bare.matchAll(/\b(\w+)\s*=\s*lambda\b/g)) own.add(name!);
  for (const match of bare.matchAll(/(?<![\w.])[A-Za-z_]\w*|\.\s*[A-Za-z_]\w*/g)) {
    const word = match[0];
    if (word.startsWith(".")) {
      if (!METHODS.has(word.slice(1).trim())) return false;
      continue;
    }
    if (OTHER_KEYWORDS.has(word) || /^_/.test(word)) return false;
    const called = /^\s*\(/.test(bare.slice(match.index + word.length));
    if (called && !KEYWORDS.has(word) && !FUNCTIONS.has(word) && !own.has(word)) return false;
  }
  return true;
}

/** The code with every plain string emptied and comments gone; undefined where it has other kinds of string, or one that does not end. */
function withoutStrings(code: string): string | undefined {
  let out = "";
  for (let at = 0; at < code.length; at++) {
    const char = code[at]!;
    if (char === "#") {
      const end = code.indexOf("\n", at);
      if (end < 0) return out;
      at = end - 1;
    } else if (char === "'" || char === '"') {
      // A letter before it: bytes, raw, formatted.
      if (/[A-Za-z]$/.test(out)) return undefined;
      if (code.startsWith(char.repeat(3), at)) return undefined;
      let end = at + 1;
      while (end < code.length && code[end] !== char && code[end] !== "\n") end += code[end] === "\\" ? 2 : 1;
      // Escapes and letters of other scripts are where the two differ.
      const text = code.slice(at + 1, end);
      if (code[end] !== char || !/^[\x20-\x7e]*$/.test(text) || /\\[^nt'"\\]/.test(text)) return undefined;
      out += char + char;
      at = end;
    } else out += char;
  }
  return out;
}
