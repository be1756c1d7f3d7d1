import type { ScriptedTurn } from "../engines/index.ts";
import { scripted } from "../engines/index.ts";
import { type Journal, memoryJournal } from "../journal/index.ts";
import {
  type AssistantMessage,
  callsOf,
  type Message,
  type Outcome,
  type RunEvent,
  type Tool,
  textOf,
  thinkingOf,
  type Usage,
  UsageError,
} from "../protocol/index.ts";
import { agent } from "./agent.ts";
import type { AgentOptions } from "./options.ts";
import { apply, emptyState } from "./state.ts";

export interface Replayed {
  outcome: Outcome;
  /** The events of the new run, in memory. */
  events: RunEvent[];
  /** Where the conversation came out differently, a line each; empty where it is the same. */
  differences: string[];
}

/**
 * Drives a run again as it was recorded: a scripted engine gives the answers of the log, tools give back the results of the log. Nothing
 * leaves the process and nothing is done to the world. `options` changes the loop to see what it would have made of the same answers.
 */
export async function replayRun(
  journal: Journal,
  runId: string,
  options: Partial<Omit<AgentOptions, "model" | "tools">> = {},
): Promise<Replayed> {
  const log = await journal.read(runId);
  const started = log[0];
  if (started?.type !== "run.started") throw new UsageError(`Run ${runId} has no beginning in this journal.`);
  const recorded = read(log);
  const turns = [...recorded.turns];
  const window = recorded.windowTokens;
  const model = scripted(
    (request) => {
      const last = request.messages.at(-1);
      if (request.responseSchema !== undefined && turns.length === 0)
        return { text: recorded.end?.text ?? "" };
      if (last?.role === "user" && /^The conversation is about to be shortened/.test(textOf(last)))
        return { text: recorded.summaries.shift() ?? "" };
      return turns.shift() ?? { text: recorded.end?.text || "(the log ends here)" };
    },
    {
      info: {
        name: started.model || "recorded",
        ...(window === undefined ? {} : { maxContextTokens: window, loadedContextTokens: window }),
      },
    },
  );
  const tools = started.toolSchemas
    .filter((schema) => schema.name !== "read_result" || recorded.results.has(schema.name))
    .map(
      (schema): Tool => ({
        ...schema,
        effect: "none",
        run: () => recorded.results.get(schema.name)?.shift() ?? { ok: false, content: "(not in the log)" },
      }),
    );
  const run = agent({
    artifacts: tools.length < started.toolSchemas.length,
    limits: { maxSteps: Math.max(1, recorded.turns.length + 1) },
    ...(started.instructions === undefined ? {} : { instructions: started.instructions }),
    policy: () => ({ verdict: "allow" }),
    journal: memoryJournal(),
    ...options,
    model,
    tools,
  }).run(started.task, { history: started.history ?? [] });
  const events: RunEvent[] = [];
  for await (const event of run) events.push(event);
  const outcome = await run;
  const state = emptyState();
  for (const event of log) apply(state, event);
  return { outcome, events, differences: differences(state.messages, outcome.messages) };
}

interface Recorded {
  turns: ScriptedTurn[];
  results: Map<string, { ok: boolean; content: string }[]>;
  summaries: string[];
  windowTokens: number | undefined;
  end: Extract<RunEvent, { type: "run.finished" }> | undefined;
}

/** What the model said and the tools gave, in order. Voided attempts and refused calls are no part of it. */
function read(log: readonly RunEvent[]): Recorded {
  const out: Recorded = {
    turns: [],
    results: new Map(),
    summaries: [],
    windowTokens: undefined,
    end: undefined,
  };
  let usage: Usage | undefined;
  for (const event of log) {
    if (event.type === "usage") usage = { input: event.input, output: event.output };
    else if (event.type === "context.measured") out.windowTokens ??= event.window;
    else if (event.type === "step.finished") {
      out.turns.push(turnOf(event.message, usage));
      usage = undefined;
    } else if (event.type === "call.finished") {
      const list = out.results.get(event.name) ?? [];
      out.results.set(event.name, [...list, { ok: event.ok, content: event.content }]);
    } else if (event.type === "context.compacted" && event.replaced !== undefined) {
      out.summaries.push(event.replaced.messages.map(textOf).join("\n"));
    } else if (event.type === "run.finished") out.end = event;
  }
  return out;
}

function turnOf(message: AssistantMessage, usage: Usage | undefined): ScriptedTurn {
  return {
    text: textOf(message),
    thinking: thinkingOf(message),
    calls: callsOf(message).map(({ id, name, arguments: args, fault }) =>
      fault?.text === undefined ? { id, name, args } : { id, name, raw: fault.text },
    ),
    ...(usage === undefined ? {} : { usage }),
  };
}

function differences(before: readonly Message[], after: readonly Message[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < Math.max(before.length, after.length); i++) {
    const [a, b] = [shown(before[i]), shown(after[i])];
    if (a !== b) lines.push(`message ${i + 1}: was ${a}, is ${b}`);
  }
  return lines;
}

function shown(message: Message | undefined): string {
  if (message === undefined) return "not there";
  const calls =
    message.role === "assistant"
      ? callsOf(message).map((call) => `${call.name}(${JSON.stringify(call.arguments)})`)
      : [];
  return `${message.role} ${JSON.stringify([textOf(message).slice(0, 200), ...calls])}`;
}
