import type { ToolSchema } from "../protocol/index.ts";

/** Term frequency saturation and length normalisation of BM25, its usual values. */
const K1 = 1.2;
const B = 0.75;

/** A tool's name says more than its description, and that more than its parameters. */
const NAME_WEIGHT = 3;
const DESCRIPTION_WEIGHT = 2;

/** How many tools a model is shown, and which of them whatever the task says. */
export interface Offer {
  /** Default 10: more confuse small models, and their schemas are read in each run. */
  maxTools: number;
  /** Characters that all schemas may take together. */
  maxChars: number;
  /** Names that are always shown. */
  always: readonly string[];
}

/** Never fewer for their size alone. */
const MIN_TOOLS = 5;

/**
 * The tools that a task may need: all where they are few and small, else those always wished, those that the task names, and the best
 * by their words (BM25 over names, descriptions and parameters). In their own order, so that the prompt is the same for the same choice.
 */
export function chooseTools<T extends ToolSchema>(tools: readonly T[], task: string, offer: Offer): T[] {
  const size = new Map(
    tools.map((tool) => [tool, JSON.stringify([tool.name, tool.description, tool.parameters]).length]),
  );
  const total = [...size.values()].reduce((sum, one) => sum + one, 0);
  if (tools.length <= offer.maxTools && (total <= offer.maxChars || tools.length <= MIN_TOOLS))
    return [...tools];
  const always = new Set(offer.always);
  const scores = rankTools(tools, task);
  const named = new Set(task.match(/[\w.-]*\w/g));
  const score = (tool: T): number => {
    if (always.has(tool.name)) return Number.POSITIVE_INFINITY;
    return named.has(tool.name) ? 1e6 : (scores.get(tool) ?? 0);
  };
  const ranked = [...tools].sort((a, b) => score(b) - score(a) || tools.indexOf(a) - tools.indexOf(b));
  const chosen = new Set<T>();
  let chars = 0;
  for (const tool of ranked) {
    const wanted = score(tool) >= 1e6;
    chars += size.get(tool)!;
    if (!wanted && (chosen.size >= offer.maxTools || (chars > offer.maxChars && chosen.size >= MIN_TOOLS)))
      break;
    chosen.add(tool);
  }
  return tools.filter((tool) => chosen.has(tool));
}

/** How well each tool's words fit the query; above zero where any does. */
export function rankTools<T extends ToolSchema>(tools: readonly T[], query: string): Map<T, number> {
  const documents = tools.map((tool) => ({ tool, words: wordsOfTool(tool) }));
  const mean = documents.reduce((sum, { words }) => sum + words.length, 0) / Math.max(1, documents.length);
  const counts = documents.map(({ words }) => countOf(words));
  const scores = new Map<T, number>();
  for (const word of new Set(wordsOf(query))) {
    const having = counts.filter((count) => count.has(word)).length;
    if (having === 0) continue;
    const rarity = Math.log(1 + (documents.length - having + 0.5) / (having + 0.5));
    for (const [i, { tool, words }] of documents.entries()) {
      const times = counts[i]!.get(word) ?? 0;
      if (times === 0) continue;
      const gain = (times * (K1 + 1)) / (times + K1 * (1 - B + (B * words.length) / mean));
      scores.set(tool, (scores.get(tool) ?? 0) + rarity * gain);
    }
  }
  return scores;
}

function wordsOfTool({ name, description, parameters }: ToolSchema): string[] {
  const properties = parameters["properties"];
  const fields = typeof properties === "object" && properties !== null ? JSON.stringify(properties) : "";
  const repeat = (text: string, times: number): string[] =>
    Array.from({ length: times }, () => wordsOf(text)).flat();
  return [...repeat(name, NAME_WEIGHT), ...repeat(description, DESCRIPTION_WEIGHT), ...wordsOf(fields)];
}

/** Lower-case words, taken apart at case changes and underscores, with English endings off. */
function wordsOf(text: string): string[] {
  const apart = text.replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2").toLowerCase();
  return (apart.match(/\p{L}+|\p{N}+/gu) ?? []).filter((word) => word.length > 1).map(stem);
}

function stem(word: string): string {
  const bare = withoutEnding(word);
  return bare.length > 4 && bare.endsWith("e") ? bare.slice(0, -1) : bare;
}

function withoutEnding(word: string): string {
  if (word.length > 5 && word.endsWith("ing")) return word.slice(0, -3);
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && /(?:[sxz]|[cs]h)es$/.test(word)) return word.slice(0, -2);
  if (word.length > 4 && word.endsWith("ed")) return word.slice(0, -2);
  return word.length > 3 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}

function countOf(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
