import { isObject, type JsonObject } from "../protocol/index.ts";
import { type Dialect, dialectById, dialects, markersOf } from "./dialects/index.ts";
import { familyOf, shortNames } from "./families.ts";
import { type Parsed, type ParseInput, parse } from "./parse.ts";
import { toolSchemas } from "./tools.ts";

/** What the rows need from outside; each is asked only for rows that name it. */
export interface RowSources {
  /** The format of a chat template. */
  detect?(templateText: string): { format: string };
  /** The text of a template file. */
  readFile?(file: string): string;
}

export interface FormatRow {
  id: string;
  /** Short names that `family` takes. */
  families: string[];
  /** Families of models that write it, as people call them. */
  models: string[];
  markers: string[];
}

/** One row a format: `hearth formats list`. */
export function listFormats(): FormatRow[] {
  return dialects.map((dialect) => ({
    id: dialect.id,
    families: shortNames(dialect.id),
    models: [...dialect.models],
    markers: markersOf(dialect),
  }));
}

/** A row of `hearth formats parse` that asks for nothing we have: the text is handed back as it came. */
export interface RowAnswer extends Parsed {
  id?: unknown;
}

/**
 * One row of `hearth formats parse - --jsonl`: `{id, format | template | templateText | family, tools?, text, prefill?,
 * thinking?, chunks?, …options}` to `{id, content, thinking, calls, diagnostics}`. Never throws: where the row itself is
 * wrong, the text stays content and a diagnostic says why.
 */
export function parseRow(row: JsonObject, sources: RowSources = {}): RowAnswer {
  const id = row.id === undefined ? {} : { id: row.id };
  const text = typeof row.text === "string" ? row.text : "";
  try {
    const found = formatOf(row, sources);
    if (typeof found === "string") return { ...id, ...unread(text, found) };
    const { calls, ...rest } = parse(text, inputOf(row, found.format, found.options));
    const plain = calls.map((call) => ({ name: call.name, arguments: call.arguments }));
    return {
      ...id,
      content: rest.content,
      thinking: rest.thinking,
      calls: plain,
      diagnostics: rest.diagnostics,
    };
  } catch (error) {
    return { ...id, ...unread(text, error instanceof Error ? error.message : String(error)) };
  }
}

function unread(content: string, message: string): Parsed {
  return { content, thinking: "", calls: [], diagnostics: [{ code: "row", message }] };
}

function formatOf(row: JsonObject, sources: RowSources): { format: Dialect; options?: JsonObject } | string {
  if (typeof row.format === "string") return byId(row.format);
  if (typeof row.family === "string") {
    const family = familyOf(row.family);
    if (family === undefined) return `No format is known for the family ${JSON.stringify(row.family)}.`;
    const found = byId(family.format);
    return typeof found === "string" || family.options === undefined
      ? found
      : { ...found, options: family.options };
  }
  const template =
    typeof row.templateText === "string"
      ? row.templateText
      : typeof row.template === "string"
        ? sources.readFile?.(row.template)
        : undefined;
  if (template === undefined) return "The row names no format, family or template.";
  const detected = sources.detect?.(template);
  return detected === undefined ? "Templates can't be read here." : byId(detected.format);
}

function byId(id: string): { format: Dialect } | string {
  const format = dialectById(id);
  return format === undefined ? `There is no format ${JSON.stringify(id)}.` : { format };
}

function inputOf(row: JsonObject, format: Dialect, options: JsonObject = {}): ParseInput {
  const all = { ...options, ...row };
  const input: ParseInput = { format };
  if (row.tools !== undefined && row.tools !== null) input.tools = toolSchemas(row.tools);
  if (typeof row.prefill === "string" || isObject(row.prefill)) input.prefill = row.prefill;
  if (typeof row.thinking === "boolean") input.thinking = row.thinking;
  const { start, calls, unknown, rescue, chunks } = all;
  if (start === "text" || start === "thinking" || start === "auto") input.start = start;
  if (typeof calls === "boolean") input.calls = calls;
  if (unknown === "text") input.unknown = unknown;
  if (typeof rescue === "boolean") input.rescue = rescue;
  if (typeof chunks === "number" && chunks >= 1) input.chunks = chunks;
  else if (Array.isArray(chunks)) input.chunks = chunks.filter((one) => typeof one === "number");
  return input;
}
