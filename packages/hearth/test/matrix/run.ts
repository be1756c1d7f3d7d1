import {
  type AgentOptions,
  agent,
  type Engine,
  type EngineEvent,
  type Outcome,
  ollama,
  openai,
  type RunEvent,
  StreamCutError,
} from "hearth";
import { add, type Mock, type MockTurn, mock, quickClock, type Ran } from "../guide/support.ts";
import { CALLS } from "./calls.ts";
import { LOOPS } from "./loops.ts";
import { STREAMS } from "./streams.ts";
import type { Scenario, Way } from "./types.ts";

export const SCENARIOS: readonly Scenario[] = [...CALLS, ...STREAMS, ...LOOPS];

/** Plays a scenario over one way and holds it to its check. */
export async function play(scenario: Scenario, way: Way): Promise<void> {
  const { turns, tools = [add], options = {}, engine: settings = {} } = scenario;
  const script =
    typeof turns === "function" && turns.length === 1 ? (turns as (way: Way) => MockTurn[])(way) : turns;
  const kind = way === "openai" ? "openai" : "ollama";
  const server = way === "raw" ? undefined : await mock({ kind, turns: script as MockTurn[], ...settings });
  const model =
    server === undefined
      ? { engine: rawEngine(script as Parameters<typeof rawEngine>[0]), model: "raw" }
      : (kind === "ollama" ? ollama : openai)("mock", { url: server.url });
  try {
    const all: AgentOptions = { model, tools, clock: quickClock, ...options };
    const run = agent(all).run("Do it.");
    const watching = scenario.during?.(run, options.journal);
    const events: RunEvent[] = [];
    for await (const event of run) events.push(event);
    await watching;
    // The server learns of a closed connection a moment later.
    if (watching !== undefined) await new Promise((later) => setTimeout(later, 30));
    scenario.check(ranOf(await run, events, server?.chats ?? []), way);
  } finally {
    await model.engine.close();
    await server?.close();
  }
}

function ranOf(outcome: Outcome, events: RunEvent[], chats: Mock["chats"]): Ran {
  return {
    outcome,
    events,
    chats,
    of: <T extends RunEvent["type"]>(type: T) =>
      events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type),
  };
}

/** ChatML with Hermes calls, as Qwen models have it. */
const TEMPLATE = `{%- if tools %}{{ '<|im_start|>system\\n' }}{%- if messages[0].role == 'system' %}{{ messages[0].content + '\\n\\n' }}{%- endif %}{{ "# Tools\\n<tools>" }}{%- for tool in tools %}{{ "\\n" }}{{ tool | tojson }}{%- endfor %}{{ "\\n</tools>\\n<tool_call>\\n{\\"name\\": <function-name>, \\"arguments\\": <args-json-object>}\\n</tool_call><|im_end|>\\n" }}{%- endif %}{%- for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + (message.content or '') }}{%- for tc in message.tool_calls or [] %}{{ '\\n<tool_call>\\n{"name": "' + tc.function.name + '", "arguments": ' + tc.function.arguments | tojson + '}\\n</tool_call>' }}{%- endfor %}{{ '<|im_end|>\\n' }}{%- endfor %}{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}`;

/** An engine that takes raw text, as the embedded one does: calls come as the model writes them. */
function rawEngine(turns: MockTurn[] | ((body: { tools?: unknown[] }, n: number) => MockTurn)): Engine {
  let n = 0;
  const info = {
    name: "raw",
    template: { kind: "jinja" as const, text: TEMPLATE },
    capabilities: ["completion", "tools"],
    maxContextTokens: 16_384,
  };
  return {
    id: "raw",
    address: "this process",
    models: async () => [info],
    describe: async () => info,
    async *complete(): AsyncGenerator<EngineEvent> {
      const turn = (typeof turns === "function" ? turns({}, n) : turns[n]) ?? { text: "" };
      n++;
      const calls = (turn.calls ?? []).map(
        (call) =>
          `<tool_call>\n{"name": "${call.name}", "arguments": ${call.raw ?? JSON.stringify(call.args)}}\n</tool_call>`,
      );
      const text = [turn.text ?? "", ...calls].join("");
      const cut = new StreamCutError("The stream ended without its end mark.");
      if (turn.cut === "before") throw cut;
      const pieces = text.match(/[\s\S]{1,7}/g) ?? [];
      for (const piece of turn.cut === "answer" ? pieces.slice(0, 2) : pieces)
        yield { type: "text", text: piece };
      if (turn.cut !== undefined) throw cut;
      yield { type: "usage", input: 100, output: Math.ceil(text.length / 4) };
      yield { type: "finish", reason: turn.finish === "length" ? "length" : "stop" };
    },
    close: async () => undefined,
  };
}
