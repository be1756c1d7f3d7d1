/**
 * Text without control characters, except line breaks and tabs: what a model or a tool wrote must not move the cursor,
 * set the window's title or ring the bell of the person's terminal.
 */
export function plain(text: string): string {
  return text.replace(
    /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g,
    "",
  );
}

/** The same on one line of at most `width` characters. */
export function clipped(text: string, width: number): string {
  const line = plain(text).replace(/\s+/g, " ").trim();
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
