import { agent, memoryJournal, promptText, type RunEvent, textOf } from "hearth";
import type { ScriptedTurn } from "hearth/testing";
import { scripted } from "hearth/testing";

/** Marks answers that were made from a cut prompt. */
export const CUT = "CUT";

/** Characters a token has in the simulation. */
const CHARS = 4;
/** Instructions and tools, in tokens: as in the cost model of `references/loop-context-models.md`, section 3. */
const SYSTEM_TOKENS = 1800;

/** Park and Miller's generator. */
export function randomOf(seed: number): () => number {
  let state = seed * 7919 + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** A length in tokens, log-normal with a mean of about 900. */
function resultTokens(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  return Math.max(20, Math.min(8000, Math.round(Math.exp(6.5 + 0.78 * normal))));
}

/** A result with a fact somewhere in it. */
export function resultText(n: number, tokens: number, random: () => number): string {
  const lines: string[] = [];
  const count = Math.max(1, Math.floor((tokens * CHARS) / 40));
  const at = Math.floor(random() * count);
  for (let i = 0; i < count; i++)
    lines.push(
      (i === at ? factOf(n) : `line ${i} of part ${n}, ${Math.floor(random() * 1e9)} units`).padEnd(39, "."),
    );
  return lines.join("\n");
}

export const factOf = (n: number): string => `FACT-${n}: the value is ${n * 7919}.`;

/** Counts what an engine with one slot and a prefix cache must read. */
export class PrefixCache {
  #held = "";
  prefill = 0;
  /** For engines that can't roll back: any difference reads everything. */
  prefillHybrid = 0;

  ask(prompt: string, answer: string): void {
    let same = 0;
    const most = Math.min(prompt.length, this.#held.length);
    while (same < most && prompt.charCodeAt(same) === this.#held.charCodeAt(same)) same++;
    this.prefill += (prompt.length - same) / CHARS;
    // Such an engine holds one state: only a prompt that goes on from its very end is not read anew.
    this.prefillHybrid += (prompt.length - (same === this.#held.length ? same : 0)) / CHARS;
    this.#held = prompt + answer;
  }
}

const SYSTEM = "You work on a store of parts. "
  .repeat(Math.ceil((SYSTEM_TOKENS * CHARS) / 30))
  .slice(0, SYSTEM_TOKENS * CHARS - 900);
export const RULES = [
  "Never write to ledger.db.",
  "Always give amounts in grams.",
  "You must not open parts of supplier QX-41.",
  "Only use the warehouse in Bergen.",
];
/** Several, for one tool forty times over is a loop. */
const NAMES = ["read", "look", "open_part"];
const TASK = `Read all parts and report their values. ${RULES.join(" ")}`;

/** What an engine makes of a request of so many tokens, in messages of these sizes, which it would answer like this. */
export type Behaviour = (tokens: number, answer: ScriptedTurn, sizes: readonly number[]) => ScriptedTurn;

export interface Simulated {
  prefill: number;
  prefillHybrid: number;
  compactions: number;
  overflows: number;
  /** Shares of what was planted that the last prompt holds, or names with a way to it. */
  rules: number;
  files: number;
  facts: number;
  /** Common prefix of a request with the one before it, the least on steps without compaction. */
  leastPrefix: number;
  truncated: number;
  /** Answers made from a cut prompt that were taken for good. */
  trusted: number;
  stopReason: string;
}

/** Lets our loop work through `steps` results in a window; what the engine does is a function of the request's tokens. */
export async function simulate(
  windowTokens: number,
  steps: number,
  seed: number,
  engineOf: Behaviour = (_, answer) => answer,
): Promise<Simulated> {
  const random = randomOf(seed);
  const cache = new PrefixCache();
  const journal = memoryJournal();
  let asked = 0;
  let overflows = 0;
  let last = "";
  let before = "";
  let leastPrefix = 1;
  let compacted = false;
  const model = scripted(
    (request) => {
      const prompt = promptText(request.messages, request.tools);
      const tokens = Math.ceil(prompt.length / CHARS);
      const sizes = request.messages.map((message) => promptText([message], []).length / CHARS);
      const words = request.messages.at(-1);
      const isSummary = words?.role === "user" && /about to be shortened/.test(textOf(words));
      const answer: ScriptedTurn = isSummary
        ? { text: `Facts: ${asked} parts were read.\nNext: the rest.` }
        : asked < steps
          ? {
              calls: [
                { name: NAMES[asked % NAMES.length]!, args: { n: asked, path: `store/part-${asked}.txt` } },
              ],
            }
          : { text: "All values are reported." };
      const given = engineOf(tokens, { ...answer, usage: { input: tokens, output: 30 } }, sizes);
      if (tokens > windowTokens) overflows++;
      if (!isSummary) {
        let same = 0;
        while (same < before.length && before.charCodeAt(same) === prompt.charCodeAt(same)) same++;
        if (!compacted && before !== "") leastPrefix = Math.min(leastPrefix, same / before.length);
        compacted = false;
        before = prompt;
        if (given.calls !== undefined && given.error === undefined) asked++;
        last = prompt;
      }
      cache.ask(prompt, answerText(given));
      return given;
    },
    { info: { maxContextTokens: windowTokens, loadedContextTokens: windowTokens } },
  );
  const tools = NAMES.map((name) => ({
    name,
    description: "Read a part",
    effect: "none" as const,
    parameters: {
      type: "object",
      properties: { n: { type: "integer" }, path: { type: "string" } },
      required: ["n", "path"],
    },
    run: (args: Record<string, unknown>) => resultText(Number(args["n"]), resultTokens(random), random),
  }));
  const run = agent({
    model,
    instructions: SYSTEM,
    tools,
    journal,
    limits: { maxSteps: steps * 3 },
  }).run(TASK);
  let compactions = 0;
  const events: RunEvent[] = [];
  for await (const event of run) {
    events.push(event);
    if (event.type !== "context.compacted") continue;
    compactions++;
    compacted = true;
  }
  const { stopReason } = await run;
  const artifacts = await kept(journal, run.id);
  const reachable = (fact: string): boolean =>
    last.includes(fact) ||
    [...artifacts].some(([id, content]) => last.includes(id) && content.includes(fact));
  const numbers = Array.from({ length: steps }, (_, n) => n);
  return {
    prefill: cache.prefill,
    prefillHybrid: cache.prefillHybrid,
    compactions,
    overflows,
    rules: shareOf(RULES, (rule) => last.includes(rule)),
    files: shareOf(numbers, (n) => reachable(`store/part-${n}.txt`)),
    facts: shareOf(numbers, (n) => reachable(factOf(n))),
    leastPrefix,
    truncated: events.filter((event) => event.type === "context.truncated").length,
    trusted: events.filter((event) => event.type === "step.finished" && textOf(event.message).includes(CUT))
      .length,
    stopReason,
  };
}

/** An answer as it stands in the next prompt. */
function answerText({ text, calls = [] }: ScriptedTurn): string {
  const blocks = calls.map((call) => ({
    type: "call" as const,
    id: "",
    name: call.name,
    arguments: call.args ?? {},
  }));
  const words = text === undefined ? [] : [{ type: "text" as const, text }];
  return promptText([{ role: "assistant", content: [...words, ...blocks] }], []);
}

async function kept(journal: ReturnType<typeof memoryJournal>, runId: string): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for (const id of await journal.listArtifacts(runId))
    all.set(id, (await journal.getArtifact(runId, id)) ?? "");
  return all;
}

function shareOf<T>(all: readonly T[], is: (one: T) => boolean): number {
  return all.filter(is).length / all.length;
}

/** The documents' own default: whole results, the oldest messages dropped before each request until it fits. */
export function simulateRolling(
  windowTokens: number,
  steps: number,
  seed: number,
): { prefill: number; prefillHybrid: number } {
  const random = randomOf(seed);
  const cache = new PrefixCache();
  const messages: string[] = [];
  const head = `${SYSTEM}\n<|user|>\n${TASK}`;
  const room = (windowTokens - 1024) * CHARS;
  for (let n = 0; n <= steps; n++) {
    let chars = head.length + messages.reduce((sum, message) => sum + message.length, 0);
    while (chars > room && messages.length > 0) chars -= messages.shift()!.length;
    const call = `<|assistant|>{"name": "read", "arguments": {"n": ${n}, "path": "store/part-${n}.txt"}}`;
    cache.ask(head + messages.join(""), call);
    messages.push(call, `<|tool|>${resultText(n, resultTokens(random), random).slice(0, room / 2)}`);
  }
  return { prefill: cache.prefill, prefillHybrid: cache.prefillHybrid };
}
