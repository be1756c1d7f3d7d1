import { Calibration } from "../context/index.ts";
import { systemClock } from "../engines/index.ts";
import type { Clock, ModelInfo, ModelRef } from "../engines/types.ts";
import { type Journal, memoryJournal } from "../journal/index.ts";
import {
  CLEAN,
  defaultPolicy,
  isClean,
  joinTaint,
  taintOfMessages,
  underTaint,
  withRules,
} from "../policy/index.ts";
import {
  CancelledError,
  type JsonObject,
  type Message,
  type Outcome,
  type RunEvent,
  type Taint,
  type Tool,
  type ToolSchema,
  UsageError,
} from "../protocol/index.ts";
import { DEFAULT_LIMITS, type Limits, type RunContext } from "./context.ts";
import { RunTimeoutError } from "./end.ts";
import { Inbox } from "./inbox.ts";
import { drive, type Opening } from "./loop.ts";
import { type Offered, offerTools, wordsOf } from "./offer.ts";
import type { AgentOptions } from "./options.ts";
import { READ_RESULT, readResultTool } from "./read-result.ts";
import { Recorder } from "./recorder.ts";
import { Run } from "./run.ts";
import { newRunId } from "./run-id.ts";
import { apply, emptyState, type RunState } from "./state.ts";
import { REFLECTION } from "./watch.ts";

/** A reason of our own: without one each abort makes a DOMException with its stack. */
const OVER = new CancelledError("The run is over.");
/** How long a driver owns its run without renewing. */
const LEASE_MS = 60_000;

export interface StartOptions {
  signal?: AbortSignal;
  /** Of a new run. Default: made here. */
  id?: string;
  /** In place of the agent's own. */
  limits?: Partial<Limits>;
  /** What must end before this begins. */
  before?: Promise<unknown>;
}

/** A new run, or one that goes on from its log. `taint`: what task and history hold beside what their messages show. */
export type Subject = { task: string; history: readonly Message[]; taint?: Taint } | { runId: string };

/** Starts driving at once, in the background of the run that is given back. */
export function start(
  options: AgentOptions,
  tools: () => Promise<ReadonlyMap<string, Tool>>,
  subject: Subject,
  startOptions: StartOptions,
): Run {
  const journal = options.journal ?? memoryJournal();
  const clock = options.clock ?? systemClock;
  const state = emptyState();
  const runId = "runId" in subject ? subject.runId : (startOptions.id ?? newRunId(clock.now()));
  const recorder = new Recorder(journal, runId, clock, (event) => apply(state, event));
  const controller = new AbortController();
  const { signal } = startOptions;
  const limits = limitsOf(options, startOptions.limits);
  const words: string[] = [];
  const follow = (): void => controller.abort(signal?.reason);
  if (signal?.aborted) follow();
  signal?.addEventListener("abort", follow, { once: true });
  const unsubscribe = options.halt?.subscribe((reason) => controller.abort(new CancelledError(reason)));

  const body = async (): Promise<Outcome> => {
    const over = new AbortController();
    try {
      await startOptions.before;
      const table = withReadResult(await tools(), journal, options.artifacts ?? true);
      // A run that is not there must not come into being by being resumed.
      if ("runId" in subject) await journal.read(runId, Number.MAX_SAFE_INTEGER);
      const lease = await recorder.open(LEASE_MS, over.signal);
      const log = "runId" in subject ? await journal.read(runId) : [];
      const { tools: offered, schemas } = offeredTo(options, table, subject, log);
      const inbox = new Inbox({ journal, recorder, state, tools: offered, controller }, words);
      const context = contextOf(options, {
        journal,
        clock,
        recorder,
        state,
        tools: offered,
        schemas,
        inbox,
        limits,
        signal: controller.signal,
      });
      watchTime(context.limits.timeoutMs, clock, controller, over.signal);
      if ("runId" in subject) {
        reload(context, log);
        inbox.open(lease, over.signal);
        return await drive(context, { resumed: true });
      }
      inbox.open(lease, over.signal);
      return await drive(context, await open(context, options, subject));
    } finally {
      over.abort(OVER);
      signal?.removeEventListener("abort", follow);
      unsubscribe?.();
      await recorder.close();
    }
  };
  return new Run(recorder, body(), controller, words);
}

/** What the model is shown of the tools: chosen once, and the same again when the run goes on. */
function offeredTo(
  options: AgentOptions,
  table: ReadonlyMap<string, Tool>,
  subject: Subject,
  log: readonly RunEvent[],
): Offered {
  if (!("runId" in subject)) return offerTools(table, options, wordsOf(subject.task, [...subject.history]));
  const first = log[0];
  const frozen = first?.type === "run.started" ? first.toolSchemas.map((schema) => schema.name) : undefined;
  return offerTools(table, options, "", frozen);
}

/** The tools of the run, frozen: with the one that reads long results, where there are results to be long. */
function withReadResult(
  tools: ReadonlyMap<string, Tool>,
  journal: Journal,
  wanted: boolean,
): ReadonlyMap<string, Tool> {
  if (!wanted || tools.size === 0 || tools.has(READ_RESULT)) return tools;
  return new Map([...tools, [READ_RESULT, readResultTool(journal)]]);
}

/** Writes down all that makes the run what it is. */
async function open(
  context: RunContext,
  options: AgentOptions,
  subject: { task: string; history: readonly Message[]; taint?: Taint },
): Promise<Opening> {
  const taint = joinTaint(subject.taint ?? CLEAN, taintOfMessages(subject.history, context.tools));
  const model = await nameModel(options.model, context.signal);
  context.info = { name: model.name };
  context.recorder.emit({
    type: "run.started",
    task: subject.task,
    model: model.name,
    engine: options.model.engine.id,
    tools: context.schemas.map((schema) => schema.name),
    ...(options.instructions === undefined ? {} : { instructions: options.instructions }),
    toolSchemas: [...context.schemas],
    settings: settingsOf(options, context.limits),
    ...(subject.history.length > 0 ? { history: [...subject.history] } : {}),
    ...(isClean(taint) ? {} : { taint }),
  });
  return model.failure === undefined ? {} : { failure: model.failure };
}

/** Folds the log. Limits count anew from here: who resumes a run that reached them wants more. */
function reload(context: RunContext, events: readonly RunEvent[]): void {
  for (const event of events) apply(context.state, event);
  const first = events[0];
  const last = events.at(-1);
  if (first?.type !== "run.started" || last === undefined)
    throw new UsageError(`Run ${context.runId} has no beginning in this journal.`);
  if (last.type === "run.finished" && last.stopReason === "answer") {
    throw new UsageError(`Run ${context.runId} has its answer already.`, {
      remedy: "Start a new run, or fork this one.",
    });
  }
  context.recorder.continueFrom(last.seq);
  context.info = { name: context.info.name || first.model };
}

interface Parts {
  journal: Journal;
  clock: Clock;
  recorder: Recorder;
  state: RunState;
  tools: ReadonlyMap<string, Tool>;
  schemas: readonly ToolSchema[];
  inbox: Inbox;
  limits: Limits;
  signal: AbortSignal;
}

function contextOf(options: AgentOptions, parts: Parts): RunContext {
  const { journal, clock, recorder, state, tools, schemas, inbox, limits, signal } = parts;
  const policy = options.policy ?? defaultPolicy;
  return {
    runId: recorder.runId,
    recorder,
    state,
    engine: options.model.engine,
    info: { name: options.model.model ?? "" },
    contextTokens: 0,
    askedTokens: 0,
    calibration: new Calibration(),
    compaction: options.compaction ?? "default",
    threshold: options.contextThreshold,
    wishedContextTokens: options.contextTokens,
    tools,
    schemas,
    limits,
    sampling: options.sampling ?? {},
    think: options.think ?? "auto",
    output: options.output,
    hooks: options.hooks ?? {},
    toolChoice: options.toolChoice ?? "auto",
    toolsAfterFirstRound: options.toolsAfterFirstRound ?? true,
    reflect:
      typeof options.reflect === "string"
        ? options.reflect
        : options.reflect === true
          ? REFLECTION
          : undefined,
    summariseResults: options.summariseResults ?? false,
    stopOnRefusal: options.onRefusal === "stop",
    policy: underTaint(options.rules === undefined ? policy : withRules(options.rules, policy)),
    approver: options.approve ?? "auto",
    auditor: options.auditor,
    halt: options.halt,
    journal,
    clock,
    workspace: options.workspace ?? process.cwd(),
    workspaceNames: options.workspaceNames,
    signal,
    pending: [],
    inbox,
    uncountedTokens: 0,
    countedChars: 0,
    counted: undefined,
    growths: [],
    protocol: options.protocol ?? "native",
  };
}

function limitsOf({ limits, maxPredictionRounds }: AgentOptions, own: Partial<Limits> = {}): Limits {
  const rounds = maxPredictionRounds === undefined ? {} : { maxSteps: maxPredictionRounds };
  return { ...DEFAULT_LIMITS, ...rounds, ...limits, ...own };
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

/** The program's own settings count where both name one: they are what it was started with. */
function settingsOf(options: AgentOptions, limits: Limits): JsonObject {
  return {
    limits: { ...limits },
    sampling: { ...options.sampling },
    ...(options.contextTokens === undefined ? {} : { contextTokens: options.contextTokens }),
    think: options.think ?? "auto",
    approve: typeof options.approve === "function" ? "function" : (options.approve ?? "auto"),
    workspace: options.workspace ?? process.cwd(),
    ...options.settings,
  };
}
