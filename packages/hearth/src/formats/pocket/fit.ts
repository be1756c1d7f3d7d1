import type { JsonSchema, ToolSchema } from "../../protocol/index.ts";
import { stringCandidates } from "./candidates.ts";
import { extentOfParameter, numberCandidates } from "./numbers.ts";
import { saidFolders } from "./paths.ts";
import { propertiesOf, requiredOf, roleOf } from "./roles.ts";
import { type Said, SIZES, saidIn } from "./said.ts";
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
    const counted = ["integer", "number"].includes(String(schema["type"])) && !Array.isArray(schema["enum"]);
    return !counted || AMOUNT.test(sources.request) || numberCandidates(name, schema, sources).length > 0;
  });
}

/** Amounts that are said without a number: a tool that has to be told one may fit all the same. */
const AMOUNT =
  /\b(an?|one|half|quarter|dozen|couple|pair|once|twice|double|both|full(y)?|max\w*|min\w*|mute|zero|all the way)\b/i;

/** Whether a text inside files is asked for and this tool can look for one. */
export const looksInside = (tool: ToolSchema, request: string): boolean =>
  saidIn(request).content &&
  propertiesOf(tool.parameters).some(([name, schema]) => roleOf(name, schema) === "content");

/** Whether this tool takes a pattern of names: what of a request is no place may be one. */
export const findsByName = (tool: ToolSchema): boolean =>
  propertiesOf(tool.parameters).some(
    ([name, schema]) => schema["type"] === "string" && roleOf(name, schema) === "glob",
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
    if (role === "content" && sources.inside) out.push(name);
    if ((role === "folder" || role === "path") && saidFolders(sources).length > 0) out.push(name);
    if (role === "glob" && said.globs.length > 0) out.push(name);
    if (Array.isArray(schema["enum"]) && schema["enum"].some((value) => says(request, String(value))))
      out.push(name);
    if (numeric.some(([other]) => other === name)) {
      const numbers = numberCandidates(name, schema, { ...sources, results: [] });
      if (extentOfParameter(name, schema, sources) !== undefined) {
        if (numbers.length > 0) out.push(name);
        continue;
      }
      const alone = numeric.length === 1 && numbers.length === 1;
      if (alone || numbers.some((value) => counts(request, value, schema))) out.push(name);
    }
  }
  return out;
}

const says = (request: string, value: string): boolean =>
  words(request.toLowerCase()).some((word) => word.text === value.toLowerCase());

/** Whether the word behind a number is what the parameter counts: "10 lines" for "How many lines at most". */
function counts(request: string, value: number, schema: JsonSchema): boolean {
  const described = typeof schema["description"] === "string" ? schema["description"].toLowerCase() : "";
  if (!/how many|number of|at most|maximum/.test(described)) return false;
  const all = words(request.toLowerCase());
  return all.some((word, i) => word.text === String(value) && described.includes(all[i + 1]?.text ?? "\n"));
}
