import fc from "fast-check";
import {
  type AgentOptions,
  agent,
  type ChatRequest,
  callsOf,
  EngineFailedError,
  type Message,
  memoryJournal,
  promptChars,
  type RunEvent,
  STOP_REASONS,
} from "hearth";
import { fakeClock, type ScriptedTurn, scripted } from "hearth/testing";

/** A random conversation: what the model says, what the tools give back, where the process dies. */
export interface History {
  turns: ScriptedTurn[];
  resultChars: number[];
  windowTokens: number;
  compaction: NonNullable<AgentOptions["compaction"]>;
  chat: boolean;
  /** Share of the log after which the process dies; 1: it does not. */
  diesAt: number;
}

const call = fc.record(
  {
    name: fc.constantFrom(
      "read",
      "look",
      "write",
      "read",
      "look",
      "write",
      "read",
      "READ",
      "wipe",
      "nothing",
    ),
    args: fc.oneof(
      { weight: 14, arbitrary: fc.record({ n: fc.integer({ min: 0, max: 400 }) }) },
      fc.constantFrom({ n: "3" }, { n: "x" }, {}, { m: 1 }, { n: 1, text: "y".repeat(900) }),
    ),
    id: fc.constantFrom("a", "b", "", "call_1"),
  },
  { requiredKeys: ["name", "args"] },
);

const turn: fc.Arbitrary<ScriptedTurn> = fc.oneof(
  { weight: 24, arbitrary: fc.record({ calls: fc.array(call, { minLength: 1, maxLength: 4 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      text: fc.constantFrom(
        "I will look.",
        "x".repeat(2000),
        '<tool_call>{"name": "read", "arguments": {"n": 1}}</tool_call>',
      ),
      thinking: fc.constantFrom("", "Hm. ".repeat(50)),
      calls: fc.array(call, { minLength: 1, maxLength: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<ScriptedTurn>(
      { text: "" },
      { thinking: "only this" },
      { text: "half of", cut: "answer" },
      { calls: [{ name: "read", args: { n: 1 } }], cut: "end" },
      { text: "too long", finish: "length" },
      { calls: [{ name: "read", raw: '{"n": ' }], finish: "length" },
      { error: new EngineFailedError("the runner has stopped") },
    ),
  },
);

export const history: fc.Arbitrary<History> = fc.record({
  turns: fc.array(turn, { minLength: 1, maxLength: 26 }),
  resultChars: fc.array(fc.constantFrom(0, 80, 700, 1100, 3000, 9000), { minLength: 1, maxLength: 6 }),
  windowTokens: fc.constantFrom(3000, 4096, 8192, 16_384),
  compaction: fc.constantFrom("default", "rolling", "summary", "topic"),
  chat: fc.boolean(),
  diesAt: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
});

/** Plays it and holds every request to the laws. Raises at the first that breaks one. */
export async function playHistory(
  history: History,
): Promise<{ requests: number; compactions: number; resumed: boolean }> {
  const { turns, windowTokens, compaction, chat, diesAt } = history;
  const seen = { requests: 0, compactions: 0, resumed: false };
  let n = 0;
  let results = 0;
  let before: string[] = [];
  let sinceCompaction = true;
  const model = scripted(
    (request) => {
      seen.requests++;
      holdToLaws(request, windowTokens);
      const last = request.messages.at(-1);
      if (last?.role === "user" && JSON.stringify(last).includes("about to be shortened"))
        return { text: "Facts: some." };
      const now = request.messages.map((message) => JSON.stringify(message));
      if (!sinceCompaction && !before.every((message, i) => message === now[i]))
        throw new Error("the prefix of the prompt has changed without a compaction");
      before = now;
      sinceCompaction = false;
      return { ...(turns[n++] ?? { text: "This is the answer." }), usage: usageOf(request) };
    },
    { info: { maxContextTokens: windowTokens, loadedContextTokens: windowTokens } },
  );
  const tool = (name: string, effect: "none" | "idempotent" | "once") => ({
    name,
    description: `${name} something`,
    effect,
    parameters: {
      type: "object",
      properties: { n: { type: "integer" }, text: { type: "string" } },
      required: ["n"],
      additionalProperties: false,
    },
    run: () => {
      const chars = history.resultChars[results++ % history.resultChars.length]!;
      if (results % 7 === 0) throw new Error("it did not work");
      return "z".repeat(chars);
    },
  });
  const journal = memoryJournal();
  const options: AgentOptions = {
    model,
    tools: [tool("read", "none"), tool("look", "none"), tool("write", "idempotent"), tool("wipe", "once")],
    instructions: "Be brief. ".repeat(windowTokens / 10),
    journal,
    compaction,
    clock: fakeClock(),
    limits: { maxSteps: 40 },
  };
  const past: Message[] = chat
    ? [
        { role: "user", content: [{ type: "text", text: "Hello. Never write to a.txt." }] },
        { role: "assistant", content: [{ type: "text", text: "Hi." }] },
      ]
    : [];
  const events: RunEvent[] = [];
  const watch = async (
    run: AsyncIterable<RunEvent> & PromiseLike<{ text: string; stopReason: string; messages: Message[] }>,
  ) => {
    for await (const event of run) {
      events.push(event);
      if (event.type === "context.compacted") {
        seen.compactions++;
        sinceCompaction = true;
      }
    }
    const outcome = await run;
    if (outcome.text.trim() === "") throw new Error(`${outcome.stopReason} with an empty text`);
    if (!STOP_REASONS.some((reason) => reason === outcome.stopReason)) throw new Error(outcome.stopReason);
    if (events.some((event, i) => event.seq !== i + 1)) throw new Error("the log has a gap");
    if (outcome.stopReason === "answer") pairsUp(outcome.messages);
  };
  await watch(agent(options).run("Do it. Never use b.txt.", { history: past }));
  if (diesAt === 1) return seen;
  // What a crash at that moment leaves behind, gone on with from the turn that was not answered yet.
  const kept = events.splice(Math.max(1, Math.floor(events.length * diesAt)));
  if (events.at(-1)?.type === "run.finished") return seen;
  const other = memoryJournal();
  const lease = await other.acquire(events[0]!.runId, "gone", 1);
  await other.append(lease, 0, events);
  await other.release(lease);
  seen.resumed = kept.length > 0;
  sinceCompaction = true;
  n = Math.floor(n * diesAt);
  await watch(agent({ ...options, journal: other }).resume(events[0]!.runId));
  return seen;
}

function usageOf(request: ChatRequest): { input: number; output: number } {
  return { input: Math.ceil(promptChars(request.messages, request.tools) / 4), output: 20 };
}

function holdToLaws(request: ChatRequest, windowTokens: number): void {
  const { input } = usageOf(request);
  if (input > windowTokens) throw new Error(`a request of ${input} tokens for a window of ${windowTokens}`);
  pairsUp(request.messages);
}

/** Each call has its result right behind its message, in call order, and each result its call. */
function pairsUp(messages: readonly Message[]): void {
  let open: string[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      const expected = open.shift();
      if (expected !== message.callId)
        throw new Error(
          `the result of ${message.callId} stands where that of ${expected ?? "no call"} should`,
        );
      continue;
    }
    if (open.length > 0) throw new Error(`a ${message.role} message comes before the result of ${open[0]}`);
    if (message.role === "assistant") open = callsOf(message).map((one) => one.id);
  }
  if (open.length > 0) throw new Error(`the call ${open[0]} has no result`);
}
