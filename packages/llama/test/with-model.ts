import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { type CompletionRequest, DownloadError, type EngineEvent } from "hearth";
import {
  BASE,
  createEmbedded,
  type EmbeddedEngine,
  type EmbeddedOptions,
  fetchModel,
  modelsFolder,
} from "../src/index.ts";

/** The real model, fetched once into the user's cache; the reason why not where there is neither cache nor network. */
const missing = await fetchModel(BASE).then(
  () => false as const,
  (error: unknown) => {
    if (process.env["CI"] !== undefined || !(error instanceof DownloadError)) throw error;
    return error.message;
  },
);

export interface Fixture {
  /** A cache of the test's own, with the user's model in it: states kept by one test must not help another. */
  cache: string;
  engine: EmbeddedEngine;
}

const fixture: Partial<Fixture> = {};

beforeEach(() => {
  const cache = mkdtempSync(join(tmpdir(), "hearth-embedded-"));
  mkdirSync(join(cache, "models"));
  for (const name of [BASE.file, `${BASE.file}.checked`]) {
    symlinkSync(join(modelsFolder(), name), join(cache, "models", name));
  }
  fixture.cache = cache;
  fixture.engine = create(cache);
});
afterEach(async () => {
  await fixture.engine?.close();
  rmSync(fixture.cache ?? "", { recursive: true, force: true });
});

/** A test with the real model. */
export function withModel(name: string, run: (fixture: Fixture) => Promise<void>): void {
  test(name, { skip: missing }, async () => {
    const { cache, engine } = fixture;
    if (cache !== undefined && engine !== undefined) await run({ cache, engine });
  });
}

export const create = (cache: string, options: EmbeddedOptions = {}) =>
  createEmbedded({ cache, gpu: false, ...options });

export const never = new AbortController().signal;

/** Instructions and tools, some 60 tokens. */
export const SYSTEM = [
  "<|im_start|>system\nTools:",
  "list_files(path: string folder) - List the files in a folder",
  "disk_usage(path: string folder) - Size of a folder",
  "search_files(pattern: string glob, path: string folder) - Find files by name<|im_end|>\n",
].join("\n");

export const ask = (text: string) => `<|im_start|>user\n${text}<|im_end|>\n<|im_start|>assistant\n`;

/** A grammar that never lets the answer end. */
export const ENDLESS = { gbnf: 'root ::= "a"*' };

export interface Answer {
  text: string;
  events: EngineEvent[];
  usage: { input: number; output: number; cached?: number };
  reason: string;
}

/** The whole answer to one request. */
export async function complete(
  engine: EmbeddedEngine,
  request: Partial<CompletionRequest> & { prompt: string },
  signal = never,
): Promise<Answer> {
  const answer: Answer = { text: "", events: [], usage: { input: 0, output: 0 }, reason: "" };
  for await (const event of engine.complete(
    { model: "pocket", sampling: { maxTokens: 60 }, ...request },
    signal,
  )) {
    answer.events.push(event);
    if (event.type === "text") answer.text += event.text;
    if (event.type === "usage") answer.usage = event;
    if (event.type === "finish") answer.reason = event.reason;
  }
  return answer;
}
