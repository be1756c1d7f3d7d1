const SHORT: Readonly<Record<number, string>> = {
  8: "\\b",
  9: "\\t",
  10: "\\n",
  12: "\\f",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
};

/** One UTF-16 unit as it stands inside a JSON string. */
export function escapeUnit(code: number): string {
  return SHORT[code] ?? (code < 32 ? "\\u" + code.toString(16).padStart(4, "0") : String.fromCharCode(code));
}

/**
 * A piece of text as it stands inside a JSON string. Unlike `JSON.stringify` it leaves half surrogate pairs alone,
 * for a chunk may end between the two.
 */
export function escapeText(text: string): string {
  let out = "";
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 32 && code !== 34 && code !== 92) continue;
    out += text.slice(from, i) + escapeUnit(code);
    from = i + 1;
  }
  return from === 0 ? text : out + text.slice(from);
}
