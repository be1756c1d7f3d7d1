import { ConfigError, type JsonObject } from "../protocol/index.ts";
import { type Dialect, dialectById, dialects } from "./dialects/index.ts";
import { Machine } from "./engine/machine.ts";
import type { FormatEvent, FormatParser, ParseOptions } from "./types.ts";

/** A parser for one answer. Raises `ConfigError` for a format there is none of. */
export function createParser(format: string | Dialect, options: ParseOptions = {}): FormatParser {
  return new Machine(dialectOf(format), options);
}

/** The format of this id. Raises `ConfigError` with the ids there are. */
export function dialectOf(format: string | Dialect): Dialect {
  if (typeof format !== "string") return format;
  const dialect = dialectById(format);
  if (dialect !== undefined) return dialect;
  throw new ConfigError(`There is no format ${JSON.stringify(format)}.`, {
    remedy: `Take one of: ${dialects.map((one) => one.id).join(", ")}.`,
  });
}

export interface ParseInput extends ParseOptions {
  format: string | Dialect;
  /** How the text comes: whole, in pieces of so many UTF-16 units, or of these lengths with the rest last. Default whole. */
  chunks?: "whole" | number | readonly number[];
}

export interface Parsed {
  content: string;
  thinking: string;
  calls: { name: string; arguments: JsonObject; id?: string }[];
  diagnostics: { code: string; message: string; at?: number }[];
}

/** Reads a whole answer by the same engine that reads a stream. */
export function parse(text: string, input: ParseInput): Parsed {
  const { format, chunks, ...options } = input;
  const parser = createParser(format, options);
  const events: FormatEvent[] = [];
  for (const chunk of cut(text, chunks)) for (const event of parser.push(chunk)) events.push(event);
  for (const event of parser.end()) events.push(event);
  return collect(events);
}

/** What the events of one answer come to. The text of a call that can't be used stays in the content. */
export function collect(events: Iterable<FormatEvent>): Parsed {
  const parsed: Parsed = { content: "", thinking: "", calls: [], diagnostics: [] };
  for (const event of events) {
    if (event.type === "text") parsed.content += event.text;
    else if (event.type === "thinking") parsed.thinking += event.text;
    else if (event.type === "call.broken") parsed.content += event.raw;
    else if (event.type === "diagnostic") {
      const { code, message, at } = event;
      parsed.diagnostics.push({ code, message, at });
    } else if (event.type === "call.end") {
      const { name, id } = event;
      parsed.calls.push({ name, arguments: event.arguments, ...(id === undefined ? {} : { id }) });
      for (const code of event.repairs ?? [])
        parsed.diagnostics.push({
          code: `repair.${code}`,
          message: `The arguments of ${JSON.stringify(name)} were mended: ${code}`,
        });
    }
  }
  return parsed;
}

/** The text in the pieces asked for. */
export function cut(text: string, chunks: ParseInput["chunks"] = "whole"): string[] {
  if (chunks === "whole") return [text];
  const pieces: string[] = [];
  let at = 0;
  if (typeof chunks === "number") {
    const size = Math.max(1, Math.floor(chunks));
    for (; at < text.length; at += size) pieces.push(text.slice(at, at + size));
    return pieces;
  }
  for (const length of chunks) {
    if (at >= text.length) break;
    pieces.push(text.slice(at, at + Math.max(0, length)));
    at += Math.max(0, length);
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
}
