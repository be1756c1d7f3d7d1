import { valueError } from "../errors.ts";
import { pointLength, points } from "./unicode.ts";

export interface WrapOptions {
  width: number;
  /** Break words longer than the width. */
  long: boolean;
  /** Break after hyphens inside words. */
  hyphens: boolean;
}

const SPACES = /([\t\n\v\f\r ]+)/;
/** Words, also cut after a hyphen between letters and around dashes, as Python's `textwrap` splits. */
const HYPHENS =
  /([\t\n\v\f\r ]+|(?<=[\w!"'&.,?])-{2,}(?=\w)|[^\t\n\v\f\r ]+?(?:-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[^\d\W]-))(?=[^\d\W]-?[^\d\W])|(?=[\t\n\v\f\r ]|$)|(?<=[\w!"'&.,?])(?=-{2,}\w)))/u;

/** `textwrap.wrap` with tabs and white space kept as they are. */
export function wrapText(text: string, options: WrapOptions): string[] {
  if (options.width <= 0) throw valueError(`invalid width ${options.width} (must be > 0)`);
  const chunks = text
    .split(options.hyphens ? HYPHENS : SPACES)
    .filter((chunk) => chunk !== "")
    .reverse();
  const lines: string[] = [];
  while (chunks.length > 0) {
    const line: string[] = [];
    let length = 0;
    if (lines.length > 0 && chunks.at(-1)!.trim() === "") chunks.pop();
    while (chunks.length > 0 && length + pointLength(chunks.at(-1)!) <= options.width) {
      const chunk = chunks.pop()!;
      length += pointLength(chunk);
      line.push(chunk);
    }
    if (chunks.length > 0 && pointLength(chunks.at(-1)!) > options.width)
      breakLong(chunks, line, options.width - length, options);
    if (line.length > 0 && line.at(-1)!.trim() === "") line.pop();
    if (line.length > 0) lines.push(line.join(""));
  }
  return lines;
}

function breakLong(chunks: string[], line: string[], room: number, options: WrapOptions): void {
  if (!options.long) {
    if (line.length === 0) line.push(chunks.pop()!);
    return;
  }
  const chunk = points(chunks.pop()!);
  const space = options.width < 1 ? 1 : room;
  let end = space;
  if (options.hyphens && chunk.length > space) {
    const hyphen = chunk.slice(0, space).lastIndexOf("-");
    if (hyphen > 0 && chunk.slice(0, hyphen).some((char) => char !== "-")) end = hyphen + 1;
  }
  line.push(chunk.slice(0, end).join(""));
  chunks.push(chunk.slice(end).join(""));
}
