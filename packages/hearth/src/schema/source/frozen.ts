import { existsSync, readFileSync } from "node:fs";
import { isObject, type JsonValue } from "../../protocol/index.ts";
import type { Described, Slot } from "./described.ts";
import { SourceFault } from "./fault.ts";
import { shownPath } from "./file.ts";
import { signatureOf } from "./find.ts";
import { parametersOf } from "./parser.ts";
import { type ToolTags, tagsOf } from "./tags.ts";

/** A function in a file of frozen schemas, known by its name and parameters. */
export interface FrozenFunction extends Described {
  /** The name the function itself has; the tool's may be another. */
  function: string;
  signature: string;
}

export interface FrozenFile {
  version: 1;
  functions: FrozenFunction[];
}

/** `dist/x.js` keeps its schemas in `dist/x.tools.json`. */
export function frozenPath(script: string): string {
  return `${script.replace(/\.[cm]?[jt]sx?$/, "")}.tools.json`;
}

/** The frozen description of a function of a built module, where there is one of this name and these parameters. */
export function frozenFor(script: string, name: string, live: string): Described | undefined {
  const path = frozenPath(script);
  if (!/\.[cm]?js$/.test(script) || !existsSync(path)) return undefined;
  const parameters = parametersOf(live);
  const signature = parameters && signatureOf(parameters, true);
  const entry = readFrozen(path).find((item) => item.function === name && item.signature === signature);
  if (!entry) return undefined;
  const { name: toolName, description, parameters: schema, slots } = entry;
  return { name: toolName, description, parameters: schema, slots, ...tagsOf(entry) };
}

function readFrozen(path: string): FrozenFunction[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    value = undefined;
  }
  const list = isObject(value) && value["version"] === 1 ? value["functions"] : undefined;
  const entries = Array.isArray(list) ? list.map((item) => entryOf(item)) : [undefined];
  if (entries.some((entry) => entry === undefined)) {
    throw new SourceFault(
      "has frozen schemas that can't be read; make them again with freezeSchemas",
      shownPath(path),
    );
  }
  return entries.filter((entry) => entry !== undefined);
}

function entryOf(item: JsonValue): FrozenFunction | undefined {
  if (!isObject(item)) return undefined;
  const { name, description, parameters, slots, signature, function: own } = item;
  if (typeof name !== "string" || typeof description !== "string" || !isObject(parameters)) return undefined;
  if (typeof own !== "string" || typeof signature !== "string" || !Array.isArray(slots)) return undefined;
  const read = slots.map((slot) => slotOf(slot));
  if (read.some((slot) => slot === undefined)) return undefined;
  const tags: ToolTags = {};
  const { effect, reads, source, egress, timeoutMs } = item;
  if (effect === "none" || effect === "idempotent" || effect === "once") tags.effect = effect;
  if (reads === "public" || reads === "private") tags.reads = reads;
  if (source === "trusted" || source === "untrusted") tags.source = source;
  if (typeof egress === "boolean") tags.egress = egress;
  if (typeof timeoutMs === "number") tags.timeoutMs = timeoutMs;
  const known = read.filter((slot) => slot !== undefined);
  return { function: own, signature, name, description, parameters, slots: known, ...tags };
}

function slotOf(value: JsonValue): Slot | undefined {
  if (!isObject(value)) return undefined;
  const { kind, name } = value;
  if (kind === "whole" || kind === "context" || kind === "signal") return { kind };
  return (kind === "field" || kind === "rest") && typeof name === "string" ? { kind, name } : undefined;
}
