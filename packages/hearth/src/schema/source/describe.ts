import { existsSync } from "node:fs";
import { basename, extname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ToolDefinitionError } from "../../protocol/index.ts";
import { child, children, type Node, nameOf } from "./ast.ts";
import type { AnyFunction, Described } from "./described.ts";
import { type Doc, readDoc } from "./doc.ts";
import { SourceFault } from "./fault.ts";
import { Project, type SourceFile, shownPath } from "./file.ts";
import { type FoundFunction, functionAt, functionNear, isSame, nameOfFunction, usesThis } from "./find.ts";
import { frozenFor } from "./frozen.ts";
import { type Location, locate, type Unlocated } from "./locate.ts";
import { readParameters, strayTag } from "./parameters.ts";
import { loadParser } from "./parser.ts";
import { originOf } from "./sourcemap.ts";
import { toolTags } from "./tags.ts";

/** Describes functions from their own types and comments. Raises `ToolDefinitionError` for the first that can't be. */
export async function describeFunctions(
  functions: readonly { value: AnyFunction; name?: string | undefined }[],
): Promise<Described[]> {
  if (functions.length === 0) return [];
  const [locations] = await Promise.all([locateAll(functions.map(({ value }) => value)), loadParser()]);
  const project = new Project();
  return functions.map(({ value, name }, index) => {
    const label = name ?? (value.name || "a function without a name");
    const location = locations[index] ?? "native";
    try {
      return describeAt(project, value, location, name);
    } catch (error) {
      throw toolError(error, label);
    }
  });
}

async function locateAll(functions: readonly AnyFunction[]): Promise<(Location | Unlocated)[]> {
  try {
    return await locate(functions);
  } catch (error) {
    const denied = error instanceof Error && "code" in error && error.code === "ERR_ACCESS_DENIED";
    const names = functions.map((value) => value.name || "a function").join(", ");
    throw new ToolDefinitionError(
      denied
        ? `The types of ${names} can't be read: node --permission forbids the inspector, which tells where a function was written.`
        : `The types of ${names} can't be read: ${error instanceof Error ? error.message : error}.`,
      {
        remedy: "Start Node with --allow-inspector, or write tool({ name, description, parameters, run }).",
        cause: error,
      },
    );
  }
}

function describeAt(
  project: Project,
  value: AnyFunction,
  location: Location | Unlocated,
  name: string | undefined,
): Described {
  const live = Function.prototype.toString.call(value);
  if (location === "bound")
    throw new SourceFault("is a bound function, and a bound function has no source of its own");
  if (location === "native") throw new SourceFault("is native code and has no source");
  if (/^class\b/.test(live)) throw new SourceFault("is a class, and a tool is a function");
  const script = pathOf(location.url);
  const frozen = script === undefined ? undefined : frozenFor(script, value.name, live);
  if (frozen) return name === undefined ? frozen : { ...frozen, name };
  const { file, found, isMapped } = sourceOf(project, value, location, script, live);
  const own = isMapped ? (nameOfFunction(found) ?? value.name) : value.name;
  const fallback = own === "" || own === "default" ? (nameOfFunction(found) ?? fileName(file.path)) : own;
  return describeFound(project, file, found, name ?? fallback);
}

function fileName(path: string): string {
  return basename(path, extname(path)).replace(/[^\w-]/g, "_");
}

function pathOf(url: string): string | undefined {
  if (url.startsWith("file:")) return fileURLToPath(url);
  return isAbsolute(url) ? url : undefined;
}

interface Sourced {
  file: SourceFile;
  found: FoundFunction;
  isMapped: boolean;
}

/** The source text of a function: through the script's map where there is one, else the script itself. */
function sourceOf(
  project: Project,
  value: AnyFunction,
  location: Location,
  script: string | undefined,
  live: string,
): Sourced {
  let why: string | undefined;
  if (location.sourceMapUrl !== undefined) {
    const origin = originOf(script, location.sourceMapUrl, location.line, location.column);
    if (typeof origin === "string") why = origin;
    else if (origin.text === undefined && !existsSync(origin.path))
      why = `its source ${shownPath(origin.path)} is not there`;
    else {
      const file = project.file(origin.path, origin.text);
      const found = functionNear(file, file.offsetOf(origin.line, origin.column), value.name);
      // A bundler may have renamed parameters, but neither their number nor the keys they take apart.
      if (found && isSame(live, found, false)) return { file, found, isMapped: true };
      why = `its source map leads to ${file.place(file.offsetOf(origin.line, origin.column))}, where another function stands`;
    }
  }
  if (script === undefined && location.text === undefined) throw new SourceFault("comes from no file");
  const path = script ?? resolve(`${location.url.replace(/\W+/g, "_") || "script"}.js`);
  const file = project.file(path, location.text);
  const found = functionAt(file, file.offsetOf(location.line, location.column));
  if (!found || !isSame(live, found, true)) {
    const reason =
      why ?? "the file was changed after it was loaded, or a loader rewrote it without a source map";
    throw new SourceFault(
      `is not the function that stands at ${file.shown}:${location.line + 1}: ${reason}`,
      file.shown,
    );
  }
  if (why !== undefined && !file.isJavaScript)
    throw new SourceFault(`has no readable source: ${why}`, file.shown);
  return { file, found, isMapped: false };
}

/** Describes a function found in a source. */
export function describeFound(
  project: Project,
  file: SourceFile,
  found: FoundFunction,
  name: string,
): Described {
  try {
    if (!/^[A-Za-z_][\w-]{0,63}$/.test(name)) {
      throw new SourceFault("has a name that engines do not take: letters, digits, _ and -, at most 64");
    }
    const doc = docOf(file, found);
    const stray = strayTag(doc);
    if (stray)
      throw file.fault(
        `has @${stray.name} before any @param, where it belongs to no parameter`,
        found.node.start,
      );
    if (usesThis(found.node))
      throw file.fault("uses `this`, which a function handed over alone does not have", found.node.start);
    const { parameters, slots } = readParameters(project, file, found, doc);
    return { name, description: doc.text, parameters, slots, ...toolTags(doc, file, found.node.start) };
  } catch (error) {
    throw toolError(error, name, file, found.node);
  }
}

/** The comment of a function: before it, or before the variable, field or statement that it is the value of. */
function docOf(file: SourceFile, { node, above }: FoundFunction): Doc {
  const starts = [node.start];
  for (const outer of [...above].reverse()) {
    if (!HOLDERS.test(outer.type)) break;
    if (outer.type === "VariableDeclaration" && !holdsFirst(outer, node)) break;
    starts.push(outer.start);
  }
  const text = starts.map((start) => file.docBefore(start)).find((comment) => comment !== undefined);
  return readDoc(text ?? overloadDoc(file, node, above) ?? "");
}

const HOLDERS =
  /^(?:VariableDeclarat(?:or|ion)|Property|MethodDefinition|PropertyDefinition|AssignmentExpression|ExpressionStatement|Export(?:Named|Default)Declaration|ParenthesizedExpression|TS(?:As|Satisfies|NonNull)Expression)$/;

/** Of several variables in one statement, its comment is the first one's. */
function holdsFirst(declaration: Node, node: Node): boolean {
  const [first] = children(declaration, "declarations");
  return first !== undefined && first.start <= node.start && node.end <= first.end;
}

/** The implementation of an overloaded function is documented at its first signature. */
function overloadDoc(file: SourceFile, node: Node, above: readonly Node[]): string | undefined {
  const name = nameOf(child(node, "id"));
  const statements = above.flatMap((outer) => children(outer, "body"));
  for (const statement of statements) {
    const signature = statement.type === "TSDeclareFunction" ? statement : child(statement, "declaration");
    if (signature?.type !== "TSDeclareFunction" || nameOf(child(signature, "id")) !== name) continue;
    const text = file.docBefore(statement.start);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** A fault of a source as the error that users see. */
export function toolError(error: unknown, name: string, file?: SourceFile, node?: Node): unknown {
  if (!(error instanceof SourceFault)) return error;
  const { message, place, path } = error;
  const subject = path.length > 0 ? `the parameter "${path.join(".")}" of ${name}` : name;
  const where = place === undefined && file && node ? file.place(node.start) : place;
  const text = message.startsWith("the source") ? `${name}: ${message}` : `${subject} ${message}`;
  return new ToolDefinitionError(`${where === undefined ? "" : `${where}: `}${text}.`, {
    remedy: `Write it out: ${explicitTool(name, node)}`,
    cause: error,
  });
}

/** The `tool({…})` to write instead, with the parameters that the source names. */
function explicitTool(name: string, node: Node | undefined): string {
  const names = children(node, "params").flatMap((parameter) => namesOf(parameter));
  const fields = names.map((field) => `${field}: { type: "string" }`).join(", ");
  const list = names.length > 0 ? `, required: [${names.map((field) => `"${field}"`).join(", ")}]` : "";
  const call = /^[A-Za-z_$][\w$]*$/.test(name) ? `${name}(…)` : "…";
  return `tool({ name: "${name}", description: "…", parameters: { type: "object", properties: { ${fields || "…"} }${list}, additionalProperties: false }, run: (${names.length > 0 ? `{ ${names.join(", ")} }` : "args"}) => ${call} })`;
}

function namesOf(parameter: Node): string[] {
  const target = child(parameter, "left") ?? child(parameter, "argument") ?? parameter;
  if (target.type !== "ObjectPattern")
    return [nameOf(target)].filter((name) => name !== undefined && name !== "this").map(String);
  return children(target, "properties")
    .map((property) => nameOf(child(property, "key")))
    .filter((name) => name !== undefined);
}
