import { type Message, type Outcome, type Tool, ToolDefinitionError } from "../protocol/index.ts";
import { type ToolInput, toolsOf } from "../schema/index.ts";
import { askUserTool } from "./ask-user.ts";
import type { Limits } from "./context.ts";
import type { AgentOptions } from "./options.ts";
import type { Run } from "./run.ts";
import { start } from "./start.ts";

export interface RunOptions {
  signal?: AbortSignal;
  /** Messages before the task: a conversation that goes on. */
  history?: readonly Message[];
  /** Bounds of this run, over the agent's own. */
  limits?: Partial<Limits>;
}

/** Holds no history: each run stands by itself. `chat()` remembers. */
export interface Agent {
  run(task: string, options?: RunOptions): Run;
  /** Goes on with a run of the agent's journal that was interrupted, waits, or ended without an answer. */
  resume(runId: string, options?: Omit<RunOptions, "history">): Run;
  chat(history?: readonly Message[]): Chat;
}

export interface Chat {
  /** Messages so far, instructions left out. */
  readonly messages: readonly Message[];
  /** Waits for the run before it, if that is still going on. */
  run(task: string, options?: Omit<RunOptions, "history">): Run;
}

/** An agent connects when it first runs. Tools that can't be described are reported by the run's outcome. */
export function agent(options: AgentOptions): Agent {
  const tools = lazy(() => toolTable(withAskUser(options)));
  return {
    run: (task, { history = [], ...rest } = {}) => start(options, tools, { task, history }, rest),
    resume: (runId, rest = {}) => start(options, tools, { runId }, rest),
    chat: (history = []) => {
      const messages = [...history];
      let last: Promise<unknown> | undefined;
      return {
        messages,
        run(task, rest = {}) {
          const before = last === undefined ? {} : { before: last };
          const next = start(options, tools, { task, history: messages }, { ...rest, ...before });
          last = next.outcome.then(
            (outcome) => void messages.splice(0, messages.length, ...remembered(outcome)),
            () => undefined,
          );
          return next;
        },
      };
    },
  };
}

/** What a conversation keeps of a run: all but the instructions, and an answer even where the run ended without one. */
function remembered(outcome: Outcome): Message[] {
  const kept = outcome.messages.filter((message) => message.role !== "system");
  if (kept.at(-1)?.role !== "assistant") {
    kept.push({ role: "assistant", content: [{ type: "text", text: outcome.text }] });
  }
  return kept;
}

function withAskUser({ tools = [], askUser }: AgentOptions): readonly ToolInput[] {
  return askUser === undefined ? tools : [...tools, askUserTool(askUser)];
}

async function toolTable(inputs: readonly ToolInput[]): Promise<Map<string, Tool>> {
  const table = new Map<string, Tool>();
  for (const tool of await toolsOf(inputs)) {
    if (table.has(tool.name)) {
      throw new ToolDefinitionError(`Two tools are named "${tool.name}".`, {
        remedy: "Give one of them another name.",
      });
    }
    table.set(tool.name, tool);
  }
  return table;
}

function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
