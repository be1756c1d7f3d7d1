import { isObject, type JsonValue } from "../../protocol/index.ts";
import { TemplateError } from "./errors.ts";
import { renderTemplate, type TemplateOptions } from "./render.ts";
import { readJson } from "./values/convert.ts";
import { Dict, type Value } from "./values/types.ts";

export type RenderedRow = { id: JsonValue; text: string } | { id: JsonValue; error: string };

/**
 * One line of `hearth formats render - --jsonl`: `{"id","templateText","variables","clock"?}`. Given as text, numbers and the
 * order of keys are kept as Python reads them (1.0 stays a float); given as a parsed object, as JavaScript did.
 */
export function renderRow(row: unknown): RenderedRow {
  let id: JsonValue = null;
  try {
    if (typeof row === "string") {
      const plain: unknown = JSON.parse(row);
      if (isObject(plain)) id = plain["id"] ?? null;
      return { id, text: render(readJson(row)) };
    }
    if (!isObject(row)) throw new TemplateError("value", "a row must be a JSON object");
    id = row["id"] ?? null;
    const { templateText, variables = {}, clock } = row;
    return { id, text: checked(templateText, isObject(variables) ? variables : undefined, clock) };
  } catch (error) {
    return {
      id,
      error: error instanceof Error ? error.message || "the template raised an empty message" : String(error),
    };
  }
}

function render(row: Value): string {
  if (!(row instanceof Dict)) throw new TemplateError("value", "a row must be a JSON object");
  const variables = row.get("variables") ?? new Dict();
  return checked(
    row.get("templateText"),
    variables instanceof Dict ? variables : undefined,
    row.get("clock"),
  );
}

function checked(
  text: unknown,
  variables: Readonly<Record<string, unknown>> | Dict | undefined,
  clock: unknown,
): string {
  if (typeof text !== "string") throw new TemplateError("value", "templateText must be a string");
  if (variables === undefined) throw new TemplateError("value", "variables must be an object");
  const options: TemplateOptions = typeof clock === "string" ? { clock } : {};
  return renderTemplate(text, variables, options);
}
