import { type Dialect, dialects, markersOf } from "../../packages/hearth/src/formats/dialects/index.ts";
import { Machine } from "../../packages/hearth/src/formats/engine/machine.ts";
import type { ToolSchema } from "../../packages/hearth/src/protocol/index.ts";
import { joined } from "./invariance.ts";

/** Numbers from a seed, the same on every machine (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const TOOLS: readonly ToolSchema[] = [
  {
    name: "get_weather",
    description: "",
    parameters: { type: "object", properties: { city: { type: "string" } } },
  },
  {
    name: "add",
    description: "",
    parameters: {
      type: "object",
      properties: { a: { type: "number" }, b: { type: "integer" }, list: { type: "array" } },
    },
  },
];

const JUNK = [
  "{",
  "}",
  "[",
  "]",
  '"',
  "'",
  "\\",
  "\n",
  " ",
  ",",
  ":",
  "<",
  ">",
  "|",
  "é",
  "\ud83d",
  "\ude00",
  "null",
  "True",
  "\u0000",
];

/** Damages a text: cuts, repeats, swaps, and inserts markers and structure where they do not belong. */
export function mutate(text: string, dialect: Dialect, next: () => number): string {
  const markers = markersOf(dialect);
  let out = text;
  for (let n = 1 + Math.floor(next() * 4); n > 0; n--) {
    const at = Math.floor(next() * (out.length + 1));
    const length = Math.floor(next() * 12);
    const pick = next();
    if (pick < 0.3) out = out.slice(0, at) + out.slice(at + length);
    else if (pick < 0.45) out = out.slice(0, at) + out.slice(at, at + length) + out.slice(at);
    else if (pick < 0.65) out = out.slice(0, at) + JUNK[Math.floor(next() * JUNK.length)] + out.slice(at);
    else if (pick < 0.85)
      out = out.slice(0, at) + (markers[Math.floor(next() * markers.length)] ?? "") + out.slice(at);
    else if (pick < 0.93) out = out.slice(0, at);
    else out = `Some words first. ${out}`;
  }
  return out;
}

/** Texts of our own to damage: each format's call alone, amid words, twice, with another tool, after thoughts. */
export function ownSeeds(): Map<string, string[]> {
  return new Map(
    dialects.map((dialect) => {
      const { sample, thinking } = dialect;
      const open = thinking?.open[0] ?? "";
      const close = thinking?.close[0] ?? "";
      return [
        dialect.id,
        [
          sample,
          `Let me look.\n${sample}\nThere it is.`,
          `${sample}\n${sample.replace("Oslo", 'São Paulo, "São" {x} <y> ]')}`,
          `${open}First the weather, then ${sample} perhaps.${close}\n${sample}`,
          sample.replaceAll("get_weather", "look_up"),
        ],
      ];
    }),
  );
}

export interface Fault {
  text: string;
  format: string;
  what: string;
}

/** Runs so many mutations; the first faults found. A fault: a throw, a character unaccounted for, events that depend on the cut. */
export function fuzz(
  count: number,
  seed: number,
  seeds: ReadonlyMap<string, readonly string[]>,
  most = 5,
): Fault[] {
  const next = random(seed);
  const faults: Fault[] = [];
  for (let i = 0; i < count && faults.length < most; i++) {
    const dialect = dialects[Math.floor(next() * dialects.length)]!;
    const texts = seeds.get(dialect.id) ?? [dialect.sample];
    const text = mutate(texts[Math.floor(next() * texts.length)]!, dialect, next);
    const options = next() < 0.5 ? { tools: TOOLS } : {};
    const size = 1 + Math.floor(next() * 9);
    const what = check(text, dialect, options, size);
    if (what !== undefined) faults.push({ text, format: dialect.id, what });
  }
  return faults;
}

export function check(
  text: string,
  dialect: Dialect,
  options: { tools?: readonly ToolSchema[] },
  size: number,
): string | undefined {
  try {
    const whole = new Machine(dialect, options);
    const first = joined([...whole.push(text), ...whole.end()]);
    const lost = unaccounted(whole, text.length);
    if (lost !== undefined) return lost;
    const pieces = new Machine(dialect, options);
    const events = [];
    for (let at = 0; at < text.length; at += size) events.push(...pieces.push(text.slice(at, at + size)));
    events.push(...pieces.end());
    const second = joined(events);
    return first === second ? unaccounted(pieces, text.length) : `pieces of ${size}:\n${first}\n${second}`;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

function unaccounted(machine: Machine, length: number): string | undefined {
  const { text, thinking, call, marks } = machine.ledger;
  let sum = text + thinking + call;
  for (const count of marks.values()) sum += count;
  return sum === length ? undefined : `${length} characters came, ${sum} are accounted for`;
}
