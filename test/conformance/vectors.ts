/**
 * The recorded texts, read in place, and the verdict on what we make of them. Owns how a vector becomes a row and what counts
 * as agreement; the divergences are written down in `divergences.json`.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Parsed, type ParseInput, parse } from "../../packages/hearth/src/formats/parse.ts";
import { toolSchemas } from "../../packages/hearth/src/formats/tools.ts";
import { isObject, type JsonObject, type JsonValue } from "../../packages/hearth/src/protocol/index.ts";

const here = path.dirname(fileURLToPath(import.meta.url));
export const sharedFormats = path.join(
  process.env.HEARTH_SHARED ?? path.join(here, "../../../shared"),
  "data/formats",
);

export interface Expected {
  content: string;
  thinking: string;
  calls: { name: string; arguments: JsonValue }[];
}

export interface Vector {
  /** File and line, stable: `vllm:12`. */
  id: string;
  owner: string;
  family: string;
  name: string;
  text: string;
  expected: Expected;
  input: ParseInput;
}

export type Family = { format: string; options?: JsonObject } | { skip: string };

export function readFamilies(): Record<string, Family> {
  return JSON.parse(readFileSync(path.join(here, "families.json"), "utf8")) as Record<string, Family>;
}

export const hasVectors = (): boolean => existsSync(path.join(sharedFormats, "vectors-vllm.jsonl"));

export function readRows(file: string): JsonObject[] {
  return readFileSync(path.join(sharedFormats, file), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as JsonObject);
}

/** Every vector whose family is not left out. */
export function readVectors(): { vectors: Vector[]; skipped: number } {
  const families = readFamilies();
  const vectors: Vector[] = [];
  let skipped = 0;
  for (const owner of ["ollama", "llamacpp", "vllm"])
    for (const [index, row] of readRows(`vectors-${owner}.jsonl`).entries()) {
      const family = families[row.family as string];
      if (family === undefined) throw new Error(`families.json lacks ${String(row.family)}`);
      if ("skip" in family) skipped++;
      else vectors.push(vectorOf(`${owner}:${index + 1}`, owner, row, family));
    }
  return { vectors, skipped };
}

export function vectorOf(
  id: string,
  owner: string,
  row: JsonObject,
  family: { format: string; options?: JsonObject },
): Vector {
  const input: ParseInput = { ...(family.options as Partial<ParseInput>), format: family.format };
  if (row.tools !== undefined) input.tools = toolSchemas(row.tools);
  const prefill = row.prefill ?? row.generation_prompt;
  if (typeof prefill === "string" || isObject(prefill)) input.prefill = prefill;
  const thinking = row.think ?? row.enable_thinking;
  if (typeof thinking === "boolean") input.thinking = thinking;
  const {
    family: name,
    text,
    expected,
  } = row as { family: string; text: string; expected: Expected } & JsonObject;
  return { id, owner, family: name, name: String(row.name), text, expected, input };
}

/**
 * `same`: as the owner expects. `more`: all calls, and more of the text than the owner kept, with a diagnostic.
 * `cut`: a call that the end of the text cut off was left out, with a diagnostic. `differs`: anything else.
 */
export type Verdict = "same" | "more" | "cut" | "differs";

export function judge(vector: Vector, parsed: Parsed = parse(vector.text, vector.input)): Verdict {
  const { expected } = vector;
  const said = parsed.diagnostics.length > 0;
  const calls = sameCalls(parsed.calls, expected.calls);
  const text = keeps(parsed.content, expected.content);
  const thinking = keeps(parsed.thinking, expected.thinking);
  if (calls && text === "same" && thinking === "same") return "same";
  const whole =
    text !== "less" &&
    (thinking !== "less" || keeps(parsed.content + parsed.thinking, expected.thinking) !== "less");
  if (!said || !whole) return "differs";
  if (calls) return "more";
  const cut = parsed.diagnostics.some((one) => one.code === "truncated-call");
  return cut && sameCalls(parsed.calls, expected.calls.slice(0, -1)) ? "cut" : "differs";
}

function keeps(ours: string, theirs: string): "same" | "more" | "less" {
  const a = ours.trim();
  const b = theirs.trim();
  if (a === b) return "same";
  const x = a.replace(/\s/g, "");
  const y = b.replace(/\s/g, "");
  if (x.length <= y.length) return "less";
  let at = 0;
  for (let i = 0; i < x.length; i++) if (x[i] === y[at]) at++;
  return at >= y.length ? "more" : "less";
}

function sameCalls(
  ours: readonly { name: string; arguments: JsonValue }[],
  theirs: readonly { name: string; arguments: JsonValue }[],
): boolean {
  return (
    ours.length === theirs.length &&
    ours.every((call, i) => call.name === theirs[i]?.name && sameValue(call.arguments, theirs[i]?.arguments))
  );
}

/** Equality by value: 1 equals 1.0, true does not equal 1, the order of keys does not matter. */
export function sameValue(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => sameValue(one, b[i]));
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length && keys.every((key) => key in b && sameValue(a[key], b[key]))
    );
  }
  return a === b;
}
