import { JsonValue } from "./json.ts";
import type { JsonStyle } from "./style.ts";

/** Reads a whole text as one value; undefined where it is none or more than one. */
export function readJson(
  text: string,
  style: JsonStyle = {},
): { json: string; repairs: string[] } | undefined {
  const value = new JsonValue(style);
  const pos = value.read(text, 0, true);
  if (!value.done || text.slice(pos).trim() !== "") return undefined;
  return { json: value.take(), repairs: [...value.repairs] };
}
