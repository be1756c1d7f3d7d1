import { CLEAN, joinTaint } from "../policy/index.ts";
import { type Message, type Outcome, type Taint, type Tool, ToolDefinitionError } from "../protocol/index.ts";
import { type ToolInput, toolsOf } from "../schema/index.ts";
import { askUserTool } from "./ask-user.ts";
import type { Limits } from "./context.ts";
import type { AgentOptions } from "./options.ts";
import type { Run } from "./run.ts";
import { start } from "./start.ts";

export interface RunOptions {
  signal?: AbortSignal;
  /** Where something outside has named the run already (`newRunId` makes names). Default: a new one. */
  id?: string;
  /** Messages before the task: a conversation that goes on. */
  history?: readonly Message[];
  /**
   * What the task and the history hold that counts for what may be done: `Outcome.taint` of the run before, or `untrusted` for a task
   * that quotes what somebody else wrote. Tool results among the messages count without it.
   */
  taint?: Taint;
  /** Bounds of this run, over the agent's own. */
  limits?: Partial<Limits>;
}

/** Holds no history: each run stands by itself. `chat()` remembers. */
export interface Agent {
  run(task: string, options?: RunOptions): Run;
  /** Goes on with a run of the agent's journal that was interrupted, waits, or ended without an answer. */
  resume(runId: string, options?: Omit<RunOptions, "history" | "taint">): Run;
  /** `taint`: as for a run, of the history. */
  chat(history?: readonly Message[], taint?: Taint): Chat;
}

export interface Chat {
  /** Messages so far, instructions left out. */
  readonly messages: readonly Message[];
  /** What they hold that counts for what may be done. */
  readonly taint: Taint;
  /** Waits for the run before it, if that is still going on. */
  run(task: string, options?: Omit<RunOptions, "history">): Run;
}

/** An agent connects when it first runs. Tools that can't be described are reported by the run's outcome. */
export function agent(options: AgentOptions): Agent {
  const tools = lazy(() => toolTable(withAskUser(options)));
  return {
    run: (task, { history = [], taint = CLEAN, ...rest } = {}) =>
      start(options, tools, { task, history, taint }, rest),
    resume: (runId, rest = {}) => start(options, tools, { runId }, rest),
    chat: (history = [], taint = CLEAN) => {
      const messages = [...history];
      let held = taint;
      let last: Promise<unknown> | undefined;
      return {
        messages,
        get taint() {
          return held;
        },
        run(task, { taint: more = CLEAN, ...rest } = {}) {
          const before = last === undefined ? {} : { before: last };
          // Read when the run begins, which is after the one before it.
          const subject = {
            task,
            history: messages,
            get taint() {
              return joinTaint(held, more);
            },
          };
          const next = start(options, tools, subject, { ...rest, ...before });
          last = next.outcome.then(
            (outcome) => {
              messages.splice(0, messages.length, ...remembered(outcome));
              held = joinTaint(held, outcome.taint ?? CLEAN);
            },
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
