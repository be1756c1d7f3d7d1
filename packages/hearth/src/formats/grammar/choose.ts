import {
  isObject,
  type JsonObject,
  type JsonSchema,
  type ToolChoice,
  type ToolSchema,
} from "../../protocol/index.ts";
import { offeredTools } from "./call.ts";
import { anyOf, Gbnf, literal } from "./gbnf.ts";
import { gbnfOfSchema } from "./schema.ts";
import type { GrammarNote, SchemaGrammarOptions } from "./types.ts";

/** What stands behind a chosen name, so that a name that begins another is told from it. */
export const NAME_END = "\n";

/** The grammar of one decision: a tool's name, or with `orNone` the word `none`, on a line by itself. */
export function choose(tools: readonly ToolSchema[], options: { orNone?: boolean } = {}): { gbnf: string } {
  const offered = offeredTools(tools, options.orNone === true ? "auto" : "required");
  const names = [...offered.map((tool) => tool.name), ...(options.orNone === true ? ["none"] : [])];
  return { gbnf: new Gbnf().text(`${anyOf(names.map(literal))} ${literal(NAME_END)}`) };
}

/** The tool that such a line names; `undefined` for `none` and for what is no name (a cut answer). */
export function chosen(text: string, tools: readonly ToolSchema[]): ToolSchema | undefined {
  return tools.find((tool) => tool.name === text.trim());
}

/** The grammar of a tool's arguments by themselves, as one JSON object. */
export function callArguments(
  tool: ToolSchema,
  options: SchemaGrammarOptions = {},
): { gbnf: string; notes: GrammarNote[] } {
  return gbnfOfSchema({ type: "object", ...tool.parameters }, options);
}

/**
 * A call as JSON Schema, for engines that take a response format instead of a grammar (`format` of Ollama,
 * `response_format` of OpenAI): `{"name": …, "arguments": …}`, a branch a tool, properties in this order.
 * `auto` and `none` can't be said in it: `undefined`.
 */
export function callSchema(tools: readonly ToolSchema[], choice: ToolChoice): JsonSchema | undefined {
  if (choice === "auto" || choice === "none") return undefined;
  const offered = offeredTools(tools, choice);
  const $defs: JsonObject = {};
  const branches = offered.map((tool): JsonSchema => {
    const prefix = offered.length === 1 ? "" : `${tool.name}.`;
    return {
      type: "object",
      properties: { name: { const: tool.name }, arguments: lifted(tool.parameters, prefix, $defs) },
      required: ["name", "arguments"],
      additionalProperties: false,
    };
  });
  const [only, second] = branches;
  const root: JsonSchema = second === undefined && only !== undefined ? only : { anyOf: branches };
  return Object.keys($defs).length === 0 ? root : { ...root, $defs };
}

/** A tool's parameters with their own definitions moved to the document's root, where its references then point. */
function lifted(parameters: JsonSchema, prefix: string, $defs: JsonObject): JsonSchema {
  const { $schema: _schema, $defs: own, definitions, ...rest } = parameters;
  const defined = { ...(isObject(definitions) ? definitions : {}), ...(isObject(own) ? own : {}) };
  for (const [name, schema] of Object.entries(defined)) $defs[prefix + name] = moved(schema ?? true, prefix);
  const body = moved(rest, prefix);
  return { type: "object", ...(isObject(body) ? body : {}) };
}

function moved<T extends JsonObject[string]>(value: T, prefix: string): JsonObject[string] {
  if (Array.isArray(value)) return value.map((item) => moved(item, prefix) ?? null);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const local = key === "$ref" && typeof inner === "string" && /^#\/(\$defs|definitions)\//.exec(inner);
      return [key, local ? `#/$defs/${prefix}${String(inner).slice(local[0].length)}` : moved(inner, prefix)];
    }),
  );
}
