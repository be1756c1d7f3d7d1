import { existsSync } from "node:fs";
import type { Debugger, Runtime } from "node:inspector";
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";

/** Where V8 has a function from. */
export interface Location {
  /** `file:///…`, or what the loader named the script. */
  url: string;
  /** From 0, in the script as V8 has it. */
  line: number;
  column: number;
  /** Of the script, where it has one. */
  sourceMapUrl: string | undefined;
  /** The script as V8 has it, where it is from no file. */
  text: string | undefined;
}

/** Why a function has no place in a source. */
export type Unlocated = "bound" | "native";

let counter = 0;

/**
 * Where each function was written, by one inspector session (about 50 ms the first time, 4 ms then). Rejects where the
 * permission model forbids the inspector. Nothing else runs while the session is open, so no breakpoint can hold anything up.
 */
export async function locate(functions: readonly unknown[]): Promise<(Location | Unlocated)[]> {
  const { Session } = await import("node:inspector");
  const session = new Session();
  session.connect();
  // The functions are handed over by a global of a moment: the inspector sees values, not references of ours.
  const key = `__hearth_functions_${++counter}`;
  try {
    const scripts = new Map<string, Debugger.ScriptParsedEventDataType>();
    session.on("Debugger.scriptParsed", ({ params }) => scripts.set(params.scriptId, params));
    const post = <T>(method: string, params: object): T => {
      let answer: { error: Error | null; result: T } | undefined;
      session.post(method, params, (error, result) => {
        answer = { error, result: result as T };
      });
      if (!answer) throw new Error(`the inspector did not answer ${method}`);
      if (answer.error) throw answer.error;
      return answer.result;
    };
    post("Debugger.enable", {});
    Object.defineProperty(globalThis, key, { value: functions, configurable: true });
    const list = post<Runtime.EvaluateReturnType>("Runtime.evaluate", { expression: `globalThis.${key}` });
    const scriptText = (scriptId: string): string =>
      post<Debugger.GetScriptSourceReturnType>("Debugger.getScriptSource", { scriptId }).scriptSource;
    const items = propertiesOf(post, list.result.objectId).result;
    return functions.map((_, index) => {
      const objectId = items.find((item) => item.name === String(index))?.value?.objectId;
      return locationOf(propertiesOf(post, objectId), scripts, scriptText);
    });
  } finally {
    Reflect.deleteProperty(globalThis, key);
    session.disconnect();
  }
}

type Post = <T>(method: string, params: object) => T;

function propertiesOf(post: Post, objectId: string | undefined): Runtime.GetPropertiesReturnType {
  if (objectId === undefined) return { result: [] };
  return post("Runtime.getProperties", { objectId, ownProperties: true });
}

function locationOf(
  { internalProperties = [] }: Runtime.GetPropertiesReturnType,
  scripts: ReadonlyMap<string, Debugger.ScriptParsedEventDataType>,
  textOf: (scriptId: string) => string,
): Location | Unlocated {
  if (internalProperties.some((property) => property.name === "[[TargetFunction]]")) return "bound";
  const value: unknown = internalProperties.find((property) => property.name === "[[FunctionLocation]]")
    ?.value?.value;
  if (!isPlace(value)) return "native";
  const script = scripts.get(value.scriptId);
  const url = script?.url ?? "";
  return {
    url,
    line: value.lineNumber - (script?.startLine ?? 0),
    column: value.columnNumber - (value.lineNumber === script?.startLine ? script.startColumn : 0),
    sourceMapUrl: script?.sourceMapURL === "" ? undefined : script?.sourceMapURL,
    text: isFile(url) ? undefined : textOf(value.scriptId),
  };
}

function isFile(url: string): boolean {
  return url.startsWith("file:") ? existsSync(fileURLToPath(url)) : isAbsolute(url) && existsSync(url);
}

function isPlace(value: unknown): value is { scriptId: string; lineNumber: number; columnNumber: number } {
  return typeof value === "object" && value !== null && "scriptId" in value && "lineNumber" in value;
}
