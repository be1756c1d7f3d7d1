import type { CallSyntax, Section } from "../dialects/types.ts";
import { MORE, type Source } from "./source.ts";

/** `done`: the closing marker, or none was due. `missing`: forgiven. `dress`, `bracket`: one thing was dropped, look again. */
export type Closing = typeof MORE | "done" | "missing" | "dress" | "bracket";

/** Reads what ends a call after its body. */
export function readClosing(
  src: Source,
  syntax: CallSyntax,
  section: Section | undefined,
  openers: readonly string[],
): Closing {
  if (syntax.close.length === 0) return "done";
  if (!src.skipSpace()) return MORE;
  const close = src.oneOf(syntax.close);
  const end = src.oneOf(section?.close ?? []);
  const fence = src.oneOf(["```"]);
  if (close === MORE || (close === undefined && (end === MORE || fence === MORE))) return MORE;
  if (close !== undefined) {
    // Where a fence opens the next call, it does not close this one.
    const further = src.oneOf(openers.filter((one) => one.length > close.length && one.startsWith(close)));
    if (further === MORE) return MORE;
    if (further !== undefined) return "missing";
    src.pos += close.length;
    return "done";
  }
  if (typeof fence === "string") {
    src.pos += fence.length;
    return "dress";
  }
  const rest = src.text.slice(src.pos);
  if (src.ended && syntax.close.some((one) => one.length > rest.length && one.startsWith(rest))) {
    src.pos = src.text.length;
    return "missing";
  }
  const further = src.oneOf(openers);
  if (further === MORE) return MORE;
  if (further === undefined && /[}\]"']/.test(rest[0]!)) {
    src.pos++;
    return "bracket";
  }
  return end === undefined && syntax.closeOptional !== true ? "missing" : "done";
}
