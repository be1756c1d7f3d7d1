import { inspect } from "node:util";
import { maskText } from "@hearth/runtime";
import { asHearthError, type ErrorInfo } from "hearth";
import type { Output } from "./output.ts";
import { plain } from "./terminal/plain.ts";

/** Says on stderr what went wrong and what to do, in one line each; the stack only where somebody debugs. */
export function reportError(error: unknown, out: Output, debug: boolean): number {
  const own = asHearthError(error);
  reportInfo(
    { class: own.name, message: own.message, ...(own.remedy === undefined ? {} : { remedy: own.remedy }) },
    out,
  );
  if (debug) out.note(maskText(inspect(own)));
  return own.exitCode;
}

export function reportInfo({ message, remedy }: ErrorInfo, out: Output): void {
  out.note(`hearth: ${oneLine(message)}`);
  if (remedy !== undefined) out.note(`  ${oneLine(remedy)}`);
}

function oneLine(text: string): string {
  return plain(maskText(text))
    .replace(/\s*\n\s*/g, " ")
    .trim();
}
