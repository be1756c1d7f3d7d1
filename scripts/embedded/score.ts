/** The score on requests that people wrote by hand: right tool, right arguments, refusals; each with its interval. */
import { readFileSync } from "node:fs";
import type { EmbeddedEngine } from "@hearth/llama";
import type { ToolSchema } from "hearth";
import { ask, userSays } from "./pocket.ts";

/** One request; each argument with all values that are right, `null` for "may be left out". */
export interface Case {
  request: string;
  tool: string | null;
  arguments?: Record<string, unknown[]>;
}

const folder = new URL("../../packages/hearth/test/pocket/", import.meta.url);

export const readCases = (): Case[] =>
  readFileSync(new URL("requests.jsonl", folder), "utf8")
    .trim()
    .split("\n")
    .map((line): Case => JSON.parse(line));

export const readTools = (): ToolSchema[] => JSON.parse(readFileSync(new URL("tools.json", folder), "utf8"));

/** Whether a call is one of those that a case accepts. */
export function isExact(given: Record<string, unknown>, expected: Record<string, unknown[]>): boolean {
  const names = new Set([...Object.keys(given), ...Object.keys(expected)]);
  return [...names].every((name) => {
    const accepted = expected[name] ?? [null];
    return accepted.some((value) => value === (given[name] ?? null));
  });
}

/** Wilson's interval of a share at 95 %. */
export function wilson(hits: number, of: number): [low: number, high: number] {
  if (of === 0) return [0, 1];
  const z = 1.959964;
  const p = hits / of;
  const middle = (p + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z / (1 + (z * z) / of)) * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

export interface Score {
  calls: number;
  tool: number;
  exact: number;
  refusals: number;
  refused: number;
  ms: number;
  misses: string[];
}

export async function score(
  engine: EmbeddedEngine,
  cases: readonly Case[],
  tools: ToolSchema[],
  grammar: Parameters<typeof ask>[3],
): Promise<Score> {
  const out: Score = { calls: 0, tool: 0, exact: 0, refusals: 0, refused: 0, ms: 0, misses: [] };
  for (const { request, tool, arguments: expected = {} } of cases) {
    const said = await ask(engine, userSays(request), tools, grammar);
    out.ms += said.ms;
    const { call } = said;
    if (tool === null) {
      out.refusals++;
      if (call === undefined && !said.text.includes("<tool_call>")) out.refused++;
      else out.misses.push(`${request} → ${JSON.stringify(call ?? said.text)}, not refused`);
      continue;
    }
    out.calls++;
    const rightTool = call?.name === tool;
    const exact = rightTool && isExact(call?.arguments ?? {}, expected);
    if (rightTool) out.tool++;
    if (exact) out.exact++;
    else
      out.misses.push(
        `${request} → ${JSON.stringify(call ?? said.text)}, wanted ${tool} ${JSON.stringify(expected)}`,
      );
  }
  return out;
}
