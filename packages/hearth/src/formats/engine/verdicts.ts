import { isObject, type JsonObject } from "../../protocol/index.ts";
import type { CallSyntax, Dialect } from "../dialects/types.ts";

/** Text before a call that may stand in unclosed thinking: in families with tokens for it, it was thinking. */
export function endsThinking({ thinking }: Dialect, syntax: CallSyntax): boolean {
  return syntax.inThinking === true && thinking?.opened === true && thinking.token === true;
}

/** The object that a JSON text is; no text is no arguments. Undefined for anything else. */
export function objectOf(json: string): JsonObject | undefined {
  if (json === "") return {};
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
