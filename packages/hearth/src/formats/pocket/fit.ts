import type { JsonSchema, ToolSchema } from "../../protocol/index.ts";
import { behindDirection, stringCandidates } from "./candidates.ts";
import { says } from "./narrow.ts";
import { extentOfParameter, isCounted, numberCandidates } from "./numbers.ts";
import { saidFolders } from "./paths.ts";
import { propertiesOf, requiredOf, roleOf } from "./roles.ts";
import { type Said, SIZES, saidIn } from "./said.ts";
import { labelled, mayHold } from "./shapes.ts";
import type { Sources } from "./sources.ts";
import { words } from "./spans.ts";

/** The tools that can use what the request says; all of them where none can. */
export function fitting(tools: readonly ToolSchema[], sources: Sources): ToolSchema[] {
  const said = saidIn(sources.request);
  const fit = tools.filter((tool) => fits(tool, said, sources));
  return fit.length === 0 ? [...tools] : fit;
}

function fits(tool: ToolSchema, said: Said, sources: Sources): boolean {
  const properties = propertiesOf(tool.parameters);
  const roles = properties.map(([name, schema]) =>
    schema["type"] === "string" ? roleOf(name, schema) : undefined,
  );
  const takesPath = roles.some((role) => role === "path" || role === "file" || role === "folder");
  if (takesPath && said.globs.length > 0 && !roles.includes("glob")) return false;
  if (roles.includes("folder") && said.files.length > 0 && !SIZES.test(sources.request))
    if (!roles.some((role) => role === "file" || role === "path" || role === "glob")) return false;
  const required = requiredOf(tool.parameters);
  return properties.every(([name, schema], i) => {
    if (!required.has(name)) return true;
    if (roles[i] === "file") return stringCandidates(name, schema, sources).length > 0;
    if (schema["type"] === "string" && !mayHold(name, sources.request)) return false;
    const counted = ["integer", "number"].includes(String(schema["type"])) && !Array.isArray(schema["enum"]);
    return !counted || AMOUNT.test(sources.request) || numberCandidates(name, schema, sources).length > 0;
  });
}

/** Amounts that are said without a number: a tool that has to be told one may fit all the same. */
const AMOUNT =
  /\b(an?|one|half|quarter|dozen|couple|pair|once|twice|double|both|full(y)?|max\w*|min\w*|mute|zero|all the way)\b/i;

/** Whether a text inside files is asked for and this tool can look for one. */
export const looksInside = (tool: ToolSchema, request: string): boolean =>
  saidIn(request).content && looksIn(tool);

/** Whether a tool can look for a text inside files. */
export const looksIn = (tool: ToolSchema): boolean =>
  propertiesOf(tool.parameters).some(([name, schema]) => roleOf(name, schema) === "content");

/** Whether this tool takes a pattern of names: what of a request is no place may be one. */
export const findsByName = (tool: ToolSchema): boolean =>
  propertiesOf(tool.parameters).some(
    ([name, schema]) => schema["type"] === "string" && roleOf(name, schema) === "glob",
  );

/** Whether a tool is about files: it takes a path or a pattern of names. */
export const looksAtFiles = (tool: ToolSchema): boolean =>
  propertiesOf(tool.parameters).some(
    ([name, schema]) =>
      schema["type"] === "string" && ["path", "file", "folder", "glob"].includes(roleOf(name, schema)),
  );

/** Optional parameters that a right call can't leave out, for the request says what belongs in them. */
export function forced(parameters: JsonSchema, sources: Sources): string[] {
  const { request } = sources;
  const said = saidIn(request);
  const required = requiredOf(parameters);
  const out: string[] = [];
  const numeric = propertiesOf(parameters).filter(([, schema]) =>
    ["integer", "number"].includes(String(schema["type"])),
  );
  for (const [name, schema] of propertiesOf(parameters)) {
    if (required.has(name)) continue;
    const role = schema["type"] === "string" ? roleOf(name, schema) : undefined;
    if (role === "plain" && directed(name, schema, request)) out.push(name);
    if (role === "content" && sources.inside) out.push(name);
    if ((role === "folder" || role === "path") && saidFolders(sources).length > 0) out.push(name);
    if (role === "glob" && said.globs.length > 0) out.push(name);
    if (schema["type"] === "boolean" && Array.isArray(schema["enum"])) out.push(name);
    if (Array.isArray(schema["enum"]) && schema["enum"].some((value) => says(request, String(value))))
      out.push(name);
    if (numeric.some(([other]) => other === name)) {
      const numbers = numberCandidates(name, schema, { ...sources, results: [] });
      if (extentOfParameter(name, schema, sources) !== undefined) {
        if (numbers.length > 0) out.push(name);
        continue;
      }
      const alone = numeric.length === 1 && numbers.length === 1 && !/\d\s+\p{Lu}/u.test(request);
      if (alone || isCounted(name, schema, request)) out.push(name);
    }
  }
  return out;
}

const directed = (name: string, schema: JsonSchema, request: string): boolean =>
  behindDirection(name, schema, request) !== undefined || labelled(name, words(request)).length > 0;
