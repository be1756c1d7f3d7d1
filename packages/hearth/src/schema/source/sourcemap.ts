import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isObject } from "../../protocol/index.ts";

/** A place in the source that a script was made from. */
export interface Origin {
  path: string;
  /** The source, where the map carries it. */
  text: string | undefined;
  /** From 0. */
  line: number;
  column: number;
}

/** What a script's map says of a place in it; a word why not, where it can't be read. Maps may be inline or beside the script. */
export function originOf(
  scriptPath: string | undefined,
  sourceMapUrl: string,
  line: number,
  column: number,
): Origin | string {
  const read = readMap(scriptPath, sourceMapUrl);
  if (typeof read === "string") return read;
  const { payload, base } = read;
  let entry: ReturnType<SourceMap["findEntry"]>;
  try {
    entry = new SourceMap(payload).findEntry(line, column);
  } catch {
    return "its source map can't be read";
  }
  if (!("originalSource" in entry)) return "its source map says nothing of this place";
  // `findEntry` gives the source as it stands in the map.
  const index = payload.sources.indexOf(entry.originalSource);
  const path = pathOf(entry.originalSource, payload.sourceRoot, base);
  if (path === undefined) return `its source map names a source that is no file (${entry.originalSource})`;
  const text = payload.sourcesContent?.[index];
  return {
    path,
    text: typeof text === "string" ? text : undefined,
    line: entry.originalLine,
    column: entry.originalColumn,
  };
}

type Payload = ConstructorParameters<typeof SourceMap>[0];

function readMap(scriptPath: string | undefined, url: string): { payload: Payload; base: string } | string {
  let text: string;
  let base = scriptPath === undefined ? process.cwd() : dirname(scriptPath);
  try {
    if (url.startsWith("data:")) {
      const comma = url.indexOf(",");
      const head = url.slice(5, comma);
      const body = url.slice(comma + 1);
      text = head.endsWith(";base64")
        ? Buffer.from(body, "base64").toString("utf8")
        : decodeURIComponent(body);
    } else {
      const from = pathToFileURL(scriptPath ?? `${process.cwd()}/x`);
      const path = fileURLToPath(new URL(url, from));
      base = dirname(path);
      text = readFileSync(path, "utf8");
    }
    const payload: unknown = JSON.parse(text.replace(/^\)\]\}'[^\n]*\n/, ""));
    return isPayload(payload) ? { payload, base } : "its source map has no sources";
  } catch {
    return `its source map (${url.slice(0, 60)}) can't be read`;
  }
}

function isPayload(value: unknown): value is Payload {
  return isObject(value) && Array.isArray(value["sources"]) && typeof value["mappings"] === "string";
}

function pathOf(source: string, root: string | undefined, base: string): string | undefined {
  const whole = root && !/^[a-z]+:|^\//i.test(source) ? `${root.replace(/\/$/, "")}/${source}` : source;
  if (whole.startsWith("file:")) return fileURLToPath(whole);
  return /^[a-z][a-z\d+.-]+:/i.test(whole) ? undefined : resolve(base, whole);
}
