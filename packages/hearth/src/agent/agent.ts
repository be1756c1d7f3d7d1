import { systemClock } from "../engines/index.ts";
import type { ChatRequest, Clock, ModelInfo, ModelRef, Sampling } from "../engines/types.ts";
import { type Journal, memoryJournal } from "../journal/index.ts";
import { type Approver, defaultPolicy, type Policy } from "../policy/index.ts";
import {
  type JsonObject,
  type JsonSchema,
  type Message,
  type Outcome,
  schemaOf,
  type Tool,
  ToolDefinitionError,
  userMessage,
} from "../protocol/index.ts";
import { type ToolInput, toolsOf } from "../schema/index.ts";
import { DEFAULT_LIMITS, type Limits, type RunContext } from "./context.ts";
import { drive, RunTimeoutError } from "./loop.ts";
import { Recorder } from "./recorder.ts";
import { Run } from "./run.ts";
import { apply, emptyState } from "./state.ts";

/** How long a driver owns its run without renewing. */
const LEASE_MS = 60_000;

export interface AgentOptions {
  model: ModelRef;
  instructions?: string;
  /** Plain functions, tools, or objects with a Standard JSON Schema. */
  tools?: readonly ToolInput[];
  /** JSON Schema of the answer. */
  output?: JsonSchema;
  limits?: Partial<Limits>;
  sampling?: Sampling;
  /** Tokens of the window; left out: the loaded one if it is 8,192 or more, else what fits, up to 16,384. */
  contextTokens?: number;
  /** Default `auto`: what the model's profile says. */
  think?: "auto" | ChatRequest["think"];
  policy?: Policy;
  /** Who answers when the policy asks. Default `auto`: the tools were given by the program itself. */
  approve?: Approver;
  /** Default: memory. */
  journal?: Journal;
  /** The folder tools work in. Default: the current one. */
  workspace?: string;
  /** Names in the workspace, for models whose grammar points at them. */
  workspaceNames?: () => Promise<readonly string[]>;
  /** Shown in `run.started`; must hold no secret. */
  settings?: JsonObject;
  clock?: Clock;
}

export interface RunOptions {
  signal?: AbortSignal;
  /** Messages before the task: a conversation that goes on. */
  history?: readonly Message[];
}

/** Holds no history: each run stands by itself. `chat()` remembers. */
export interface Agent {
  run(task: string, options?: RunOptions): Run;
  chat(): Chat;
}

export interface Chat {
  /** Messages so far, instructions left out. */
  readonly messages: readonly Message[];
  /** Waits for the run before it, if that is still going on. */
  run(task: string, options?: Omit<RunOptions, "history">): Run;
}

/** An agent connects when it first runs. Tools that can't be described are reported by the run's outcome. */
export function agent(options: AgentOptions): Agent {
  const tools = lazy(() => toolTable(options.tools ?? []));
  const run = (task: string, runOptions: RunOptions = {}, before?: Promise<unknown>): Run =>
    start(options, tools, task, runOptions, before);
  return {
    run,
    chat: () => {
      const messages: Message[] = [];
      let last: Promise<unknown> | undefined;
      return {
        messages,
        run(task, runOptions = {}) {
          const next = run(task, { ...runOptions, history: messages }, last);
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
  return () => (made ??= make());
}

function start(
  options: AgentOptions,
  tools: () => Promise<Map<string, Tool>>,
  task: string,
  runOptions: RunOptions,
  before: Promise<unknown> | undefined,
): Run {
  const journal = options.journal ?? memoryJournal();
  const clock = options.clock ?? systemClock;
  const state = emptyState();
  const runId = newRunId(clock.now());
  const recorder = new Recorder(journal, runId, clock, (event) => apply(state, event));
  const controller = new AbortController();
  const follow = (): void => controller.abort(runOptions.signal?.reason);
  if (runOptions.signal?.aborted) follow();
  runOptions.signal?.addEventListener("abort", follow, { once: true });

  const body = async (): Promise<Outcome> => {
    const timer = new AbortController();
    try {
      await before;
      const table = await tools();
      await recorder.open(LEASE_MS);
      const context = contextOf(options, { journal, clock, recorder, state, table, controller });
      watchTime(context.limits.timeoutMs, clock, controller, timer.signal);
      const model = await nameModel(options.model, controller.signal);
      context.info = { name: model.name };
      recorder.emit({
        type: "run.started",
        task,
        model: model.name,
        engine: options.model.engine.id,
        tools: [...table.keys()],
        ...(options.instructions === undefined ? {} : { instructions: options.instructions }),
        toolSchemas: [...context.schemas],
        settings: settingsOf(options, context.limits),
        ...(runOptions.history?.length ? { history: [...runOptions.history] } : {}),
      });
      return await drive(context, model.failure);
    } finally {
      timer.abort();
      runOptions.signal?.removeEventListener("abort", follow);
      await recorder.close();
    }
  };
  return new Run(recorder, body(), controller);
}

interface Parts {
  journal: Journal;
  clock: Clock;
  recorder: Recorder;
  state: RunContext["state"];
  table: Map<string, Tool>;
  controller: AbortController;
}

function contextOf(options: AgentOptions, parts: Parts): RunContext {
  const { journal, clock, recorder, state, table, controller } = parts;
  return {
    runId: recorder.runId,
    recorder,
    state,
    engine: options.model.engine,
    info: { name: "" },
    contextTokens: 0,
    wishedContextTokens: options.contextTokens,
    tools: table,
    schemas: [...table.values()].map(schemaOf),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    sampling: options.sampling ?? {},
    think: options.think ?? "auto",
    output: options.output,
    policy: options.policy ?? defaultPolicy,
    approver: options.approve ?? "auto",
    journal,
    clock,
    workspace: options.workspace ?? process.cwd(),
    workspaceNames: options.workspaceNames,
    signal: controller.signal,
    pending: [],
  };
}

function watchTime(
  timeoutMs: number | undefined,
  clock: Clock,
  controller: AbortController,
  over: AbortSignal,
): void {
  if (timeoutMs === undefined) return;
  clock.sleep(timeoutMs, over).then(
    () => controller.abort(new RunTimeoutError(`The run took longer than ${timeoutMs / 1000} s.`)),
    () => undefined,
  );
}

/** The model by name, or the first that can call tools; a failure is kept until the run can say so in its log. */
async function nameModel(ref: ModelRef, signal: AbortSignal): Promise<{ name: string; failure?: unknown }> {
  if (ref.model !== undefined) return { name: ref.model };
  try {
    const models = await ref.engine.models(signal);
    const able = (model: ModelInfo): boolean => model.capabilities?.includes("tools") ?? true;
    return { name: (models.find(able) ?? models[0])?.name ?? "" };
  } catch (failure) {
    return { name: "", failure };
  }
}

function settingsOf(options: AgentOptions, limits: Limits): JsonObject {
  return {
    ...options.settings,
    limits: { ...limits },
    sampling: { ...options.sampling },
    ...(options.contextTokens === undefined ? {} : { contextTokens: options.contextTokens }),
    think: options.think ?? "auto",
    approve: typeof options.approve === "function" ? "function" : (options.approve ?? "auto"),
    workspace: options.workspace ?? process.cwd(),
  };
}

/** Sorts by time; the random half keeps two of one millisecond apart. */
function newRunId(now: number): string {
  const random = crypto.getRandomValues(new Uint8Array(6));
  return `run_${now.toString(36)}_${Buffer.from(random).toString("base64url").replaceAll(/[-_]/g, "x")}`;
}
