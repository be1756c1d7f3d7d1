/** Reads the evaluation sets and judges calls by them; rules in README.md. */
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { JsonObject, JsonValue, ToolSchema } from "hearth";

export interface RightCall {
  tool: string;
  arguments: Record<string, JsonValue[]>;
}

export interface Row {
  request: string;
  /** Of the file requests: how it is said. */
  voice?: string;
  /** Of the others: which tool set it is for. */
  domain?: string;
  right: RightCall[];
}

export interface ToolSet {
  domain: string;
  tools: ToolSchema[];
}

export interface PlantedTask {
  folder: string;
  kind: "said" | "chain" | "compare";
  ask: string;
  right: string[][];
}

export interface Tasks {
  folders: Record<string, Record<string, string | { bytes: number }>>;
  tasks: PlantedTask[];
}

export const SETS = new URL(".", import.meta.url);

/** `first` and `second` are frozen, by two authors; on `development` decoding and data are tuned. */
export const SET_NAMES = ["first", "second", "development"] as const;
export type SetName = (typeof SET_NAMES)[number];

const text = (set: SetName, name: string): string =>
  readFileSync(new URL(set === "first" ? name : `${set}/${name}`, SETS), "utf8");
const rows = (set: SetName, name: string): Row[] =>
  text(set, name)
    .trim()
    .split("\n")
    .map((line): Row => JSON.parse(line));

export const fileRows = (set: SetName = "first"): Row[] => rows(set, "files.jsonl");
export const otherRows = (set: SetName = "first"): Row[] => rows(set, "others.jsonl");
export const toolSets = (set: SetName = "first"): ToolSet[] => JSON.parse(text(set, "toolsets.json"));
export const plantedTasks = (set: SetName = "first"): Tasks => JSON.parse(text(set, "tasks.json"));

export interface Verdict {
  /** Nothing fits, and nothing was called. Where something fits: the tool is right. */
  tool: boolean;
  exact: boolean;
}

/** One answer: its calls in order. What is not one call of a tool that fits is wrong, for every row asks for one thing. */
export function judge(row: Row, calls: readonly { name: string; arguments: JsonObject }[]): Verdict {
  const [call] = calls;
  if (row.right.length === 0) return { tool: calls.length === 0, exact: calls.length === 0 };
  if (call === undefined || calls.length > 1) return { tool: false, exact: false };
  const candidates = row.right.filter(({ tool }) => tool === call.name);
  return {
    tool: candidates.length > 0,
    exact: candidates.some((right) => isExact(call.arguments, right.arguments)),
  };
}

function isExact(given: JsonObject, right: RightCall["arguments"]): boolean {
  const names = new Set([...Object.keys(given), ...Object.keys(right)]);
  return [...names].every((name) => {
    const value = given[name] ?? null;
    return (right[name] ?? [null]).some(
      (one) => (isAny(one) && value !== null) || isDeepStrictEqual(trimmed(one), trimmed(value)),
    );
  });
}

const isAny = (value: JsonValue): boolean => isDeepStrictEqual(value, { any: true });
const trimmed = (value: JsonValue): JsonValue => (typeof value === "string" ? value.trim() : value);

/** Whether a final text holds every planted fact. */
export function holdsFacts(answer: string, right: readonly string[][]): boolean {
  const said = answer.toLowerCase();
  return right.every((one) => one.some((fact) => said.includes(fact.toLowerCase())));
}
