import { isObject, type JsonSchema } from "../../protocol/index.ts";
import { FUNCTION_WORDS } from "./spans.ts";

/**
 * What a string parameter is for, as far as its name and description tell: `folder` and `file` take only such a path,
 * `path` either; `glob` a pattern of names; `content` a text to look for inside files; `free` is written, not pointed at.
 */
export type Role = "path" | "folder" | "file" | "glob" | "content" | "free" | "plain";

const PATH_NAME = /(^|_)(path|dir|directory|folder|file|filename|file_?path|location|root|cwd)$/;

export function roleOf(name: string, schema: JsonSchema): Role {
  const described = typeof schema["description"] === "string" ? schema["description"] : "";
  const own = name.toLowerCase();
  if (
    /\b(text|word|phrase|expression|content)\b/i.test(described) &&
    /\b(find|search|look) (in|for|inside)\b/i.test(described)
  )
    return "content";
  if (/regex|regular expression/i.test(described)) return "free";
  if (/glob|wildcard|\*\.|name pattern/i.test(described) || /^(glob|pattern)s?$/.test(own)) return "glob";
  if (PATH_NAME.test(own) || /^(the )?(path|folder|directory|file)\b/i.test(described))
    return pathRole(own, described);
  if (/^(sql|code|script|command|html|css|markdown|summary|translation|regex)$/.test(own)) return "free";
  return "plain";
}

function pathRole(name: string, described: string): Role {
  const folder = /folder|director/i.test(`${name} ${described}`);
  const file = /\bfiles?\b|filename/i.test(`${name} ${described}`);
  if (folder === file) return "path";
  return folder ? "folder" : "file";
}

/** Words of a text that may be compared: lower case, without those that any sentence has. */
export function tellingWords(text: string): string[] {
  const all = text.toLowerCase().match(/[a-z]+/g) ?? [];
  return all.filter((word) => word.length > 2 && !FUNCTION_WORDS.has(word) && !WEAK.has(word));
}

const WEAK = new Set("optional when left default number whether true false omitted only set use".split(" "));

const stem = (word: string): string => word.slice(0, 5);

/** Whether the request says a word of this parameter's name, description or values. */
export function cued(name: string, schema: JsonSchema, request: string): boolean {
  const said = (request.toLowerCase().match(/[a-z]+/g) ?? []).map(stem);
  const values = Array.isArray(schema["enum"]) ? schema["enum"].map(String).join(" ") : "";
  const described = typeof schema["description"] === "string" ? schema["description"] : "";
  return tellingWords(`${name} ${described} ${values}`).some((word) => said.includes(stem(word)));
}

/** The properties of a tool's parameters, as schemas, in order. */
export function propertiesOf(parameters: JsonSchema): [name: string, schema: JsonSchema][] {
  const properties = isObject(parameters["properties"]) ? parameters["properties"] : {};
  return Object.entries(properties).map(([name, schema]) => [name, isObject(schema) ? schema : {}]);
}

export function requiredOf(parameters: JsonSchema): Set<string> {
  return new Set(Array.isArray(parameters["required"]) ? parameters["required"].map(String) : []);
}
