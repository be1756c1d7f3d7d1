import { existsSync, statSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type JsonObject, schemaOf, type Tool, ToolDefinitionError } from "../protocol/index.ts";
import { shownPath } from "./source/file.ts";
import { tagsOf } from "./source/tags.ts";
import { isStandard } from "./standard.ts";
import { assertDistinct, makeTools, type ToolInput } from "./tool.ts";

const REMEDY = "Export functions, or objects { name, description, parameters, run }.";

/**
 * The tools of a module: each exported function under the name of its export, each exported object with a `run` as it stands,
 * the entries of an exported list. Other exports are not looked at. Loading a module runs its code: whether the file may be
 * trusted is asked before. Raises `ToolDefinitionError`.
 */
export async function loadToolModule(file: string): Promise<Tool[]> {
  const path = resolve(file);
  const shown = shownPath(path);
  const namespace = await importModule(path, shown);
  const inputs: { value: ToolInput; name: string | undefined }[] = [];
  const seen = new Set<unknown>();
  const add = (value: unknown, name: string | undefined): void => {
    if (!isToolLike(value) || seen.has(value)) return;
    seen.add(value);
    inputs.push({ value, name });
  };
  // A default export that is also exported by name goes by that name.
  const names = Object.keys(namespace).sort((a, b) => Number(a === "default") - Number(b === "default"));
  for (const name of names) {
    const value = namespace[name];
    if (Array.isArray(value)) for (const item of value) add(item, undefined);
    else add(value, name === "default" ? defaultName(value, path) : name);
  }
  if (inputs.length === 0) {
    const what = names.length === 0 ? "exports nothing" : `exports no tool, only ${names.join(", ")}`;
    throw new ToolDefinitionError(`${shown} ${what}.`, { remedy: REMEDY });
  }
  const tools = await makeTools(inputs);
  assertDistinct(tools);
  return tools;
}

/** What `hearth tools schema FILE` prints, a value for each tool: name, description, parameters, and what is declared of it. */
export async function describeModule(file: string): Promise<JsonObject[]> {
  const tools = await loadToolModule(file);
  return tools.map((tool) => ({ ...schemaOf(tool), ...tagsOf(tool) }));
}

function defaultName(value: unknown, path: string): string | undefined {
  const own = typeof value === "function" ? value.name : "";
  if (own !== "" && own !== "default") return own;
  return typeof value === "function" ? basename(path, extname(path)).replace(/[^\w-]/g, "_") : undefined;
}

/** A function, or an object that surely means to be a tool: what is wrong with it is told when it is made. */
function isToolLike(value: unknown): value is ToolInput {
  if (isStandard(value)) return false;
  if (typeof value === "function") return !/^class\b/.test(Function.prototype.toString.call(value));
  if (typeof value !== "object" || value === null) return false;
  return "run" in value || ("name" in value && ("parameters" in value || "input" in value));
}

async function importModule(path: string, shown: string): Promise<Record<string, unknown>> {
  if (!existsSync(path)) {
    throw new ToolDefinitionError(`${shown} is not there.`, {
      remedy: "Give the path of a .ts or .js file.",
    });
  }
  if (!statSync(path).isFile()) {
    throw new ToolDefinitionError(`${shown} is no file.`, { remedy: "Give the path of a .ts or .js file." });
  }
  try {
    const namespace: unknown = await import(pathToFileURL(path).href);
    return exportsOf(namespace);
  } catch (error) {
    throw loadError(error, shown);
  }
}

/** What a module exports; of CommonJS, the fields of `module.exports`. */
function exportsOf(namespace: unknown): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...Object(namespace) };
  const whole = fields["module.exports"];
  delete fields["module.exports"];
  if (typeof whole !== "object" || whole === null || isToolLike(whole) || Array.isArray(whole)) return fields;
  return { ...whole };
}

/** Why a module can't be loaded, in one line, with what to do. */
function loadError(error: unknown, shown: string): ToolDefinitionError {
  const message = (error instanceof Error ? error.message : String(error)).split("\n")[0]?.trim() ?? "";
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const make = (text: string, remedy: string): ToolDefinitionError =>
    new ToolDefinitionError(text, { remedy, cause: error });
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return make(
      `${shown} uses TypeScript that can't be run without a build: ${message}.`,
      "Use only types that can be erased: no enum, no namespace, no parameter properties.",
    );
  }
  if (code === "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING") {
    return make(
      `${shown} lies below node_modules, where Node runs no TypeScript.`,
      "Give its built .js file.",
    );
  }
  if (code === "ERR_UNKNOWN_FILE_EXTENSION")
    return make(`${shown} is no module that Node can load.`, "Give a .ts or .js file.");
  if (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") {
    return make(
      `${shown} imports what is not there: ${message}.`,
      "Install what is missing, or mend the import (with its file ending).",
    );
  }
  if (error instanceof SyntaxError || code === "ERR_INVALID_TYPESCRIPT_SYNTAX") {
    return make(`${placeOf(error, shown)} can't be parsed: ${message}.`, "Mend the syntax error.");
  }
  return make(`${shown} failed while it was loaded: ${message}.`, "Mend what its top level does.");
}

/** A syntax error names its place only at the head of its stack. */
function placeOf(error: unknown, shown: string): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const line = /^(?:file:\/\/)?[^\n]*?:(\d+)\n/.exec(stack)?.[1];
  return line === undefined ? shown : `${shown}:${line}`;
}
