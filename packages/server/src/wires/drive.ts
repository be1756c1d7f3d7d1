import {
  type AgentOptions,
  agent,
  CLEAN,
  type Journal,
  type Message,
  type Run,
  type RunEvent,
  type Taint,
  type Tool,
} from "hearth";
import { hasScope, LOCAL, type Principal, requireAgent } from "../access/index.ts";
import { scoped } from "../observe/index.ts";
import { RequestError } from "../problem.ts";
import { type Admission, type Asking, admit, type Caller, limitsFor, type WireContext } from "./context.ts";
import type { Crew, RunRequest } from "./crew.ts";
import { type LiveRun, LiveRuns, type Owner, ownerOf } from "./live.ts";
import { eventsOf, openApprovals, requireOwn, tenantOfRun } from "./run-log.ts";

/** What one request may change about its run. */
export interface RunWish {
  model?: string | null | undefined;
  /** Names; those of the agent where left out. */
  tools?: readonly string[] | null | undefined;
  history?: readonly Message[];
  /** What the history holds that counts for what may be done. */
  taint?: Taint;
  instructions?: string;
  /** Kept in the run's log. */
  session?: string;
}

export interface Decision {
  decision: "approve" | "refuse";
  by: string;
  arguments?: object | null | undefined;
}

/** Starts, resumes and stops runs, each with its place in line. Shared by all wires that run agents. */
export class Driver {
  readonly live = new LiveRuns();
  readonly journal: Journal;
  /** The other services that share the journal, where it is one for several. */
  crew: Crew | undefined;
  readonly #context: WireContext;
  /** Decisions that are in the journal but that no drive has read yet, by run. */
  readonly #decided = new Map<string, Set<string>>();

  constructor(context: WireContext, journal: Journal) {
    this.#context = context;
    this.journal = journal;
  }

  /** Raises `QueueFullError`, 400 for an unknown tool, 403 for a model that is not theirs, 429 for a run too many. */
  start(task: string, by: Caller, wish: RunWish = {}): LiveRun {
    const { agent: base } = this.#context;
    requireAgent(by, wish.model ?? base.model.model, typeof wish.model === "string");
    const tools = pickTools(base.tools, wish.tools);
    const request = requestOf(task, by, wish);
    if (this.crew?.full === true) {
      const leave = this.#context.takeRun(by);
      const placed = this.crew.place(request);
      void placed.done.then(leave);
      return placed;
    }
    const live = this.#begin(request, tools, by);
    this.crew?.begin(live, 0, request);
    return live;
  }

  #begin(request: RunRequest, tools: readonly Tool[], by: Caller | Owner, id?: string): LiveRun {
    const { task, history = [], taint = CLEAN, ...wish } = request;
    const named = id === undefined ? {} : { id };
    return this.#drive({ ...wish, tools }, by, (options) =>
      agent(options).run(task, { ...named, history, taint }),
    );
  }

  /** For the crew: begins a run as it was asked for, or goes on with it, whoever it belongs to. */
  async adopt(runId: string, request: RunRequest | undefined): Promise<LiveRun> {
    if (request === undefined) return this.#resumed(runId, undefined);
    const all: readonly Tool[] = this.#context.agent.tools;
    const tools = all.filter((tool) => request.tools?.includes(tool.name) ?? true);
    return this.live.get(runId) ?? this.#begin(request, tools, request.owner, runId);
  }

  /**
   * Goes on with a run that waits or was interrupted; one that goes on here already is given as it is.
   * @param by who asks; left out, the service goes on with it by itself, for whoever it belongs to
   */
  async resume(runId: string, by?: Principal): Promise<LiveRun> {
    return (await this.#going(runId, by)) ?? this.#resumed(runId, by);
  }

  /** The run, where it goes on here or elsewhere. */
  async #going(runId: string, by: Principal | undefined): Promise<LiveRun | undefined> {
    // Nobody may learn from another's run that it is there, much less follow it.
    if (by !== undefined) await requireOwn(this.journal, by.tenant, runId);
    const here = this.live.get(runId);
    if (this.crew === undefined || here !== undefined || by === undefined) return here;
    return this.crew.elsewhere(runId, { tenant: by.tenant });
  }

  async #resumed(runId: string, by: Principal | undefined): Promise<LiveRun> {
    const tenant = by?.tenant ?? (await tenantOfRun(this.journal, runId));
    const events = await eventsOf(this.journal, tenant, runId);
    const going = this.live.get(runId);
    if (going !== undefined) return going;
    const first = events[0];
    const last = events.at(-1);
    if (first?.type !== "run.started") throw new RequestError(409, `Run ${runId} has not begun.`);
    if (last?.type === "run.finished" && last.stopReason === "answer") {
      throw new RequestError(409, `Run ${runId} has its answer already.`, { remedy: "Start a new run." });
    }
    const all: readonly Tool[] = this.#context.agent.tools;
    const tools = all.filter((tool) => first.tools.includes(tool.name));
    const model = first.model === "" ? undefined : first.model;
    if (by !== undefined) requireAgent(by, model, model !== this.#context.agent.model.model);
    this.#decided.delete(runId);
    const live = this.#drive({ model, tools }, by ?? { tenant }, (options) => agent(options).resume(runId));
    if (by !== undefined) this.crew?.begin(live, last?.seq ?? 0);
    return live;
  }

  /** Writes a decision down. Once nothing of the run is undecided, it goes on by itself: then that is what is given. */
  async decide(
    runId: string,
    callId: string,
    answer: Decision,
    whose: Principal,
  ): Promise<{ open: string[]; live?: LiveRun }> {
    const events = await eventsOf(this.journal, whose.tenant, runId);
    const decided = this.#decided.get(runId) ?? new Set<string>();
    const open = openApprovals(events)
      .map((one) => one.callId)
      .filter((id) => !decided.has(id));
    if (!open.includes(callId)) throw notOpen(events, runId, callId);
    const { decision, by, arguments: args } = answer;
    const edited = args === null || args === undefined ? {} : { arguments: JSON.stringify(args) };
    await this.journal.send(runId, { kind: "approval", callId, decision, by, ...edited });
    decided.add(callId);
    this.#decided.set(runId, decided);
    const left = open.filter((id) => id !== callId);
    const going = await this.#going(runId, whose);
    if (left.length > 0) return going === undefined ? { open: left } : { open: left, live: going };
    if (going === undefined) return { open: [], live: await this.resume(runId, whose) };
    // A run that is just coming to its end reads decisions only when it is resumed.
    void going.done.then(() => this.#goOn(runId, whose)).catch(() => undefined);
    return { open: [], live: going };
  }

  /** All decisions that a waiting run needs, at once; raises 409 unless they are exactly those. The run goes on. */
  async decideAll(runId: string, answers: ReadonlyMap<string, Decision>, whose: Principal): Promise<LiveRun> {
    const open = openApprovals(await eventsOf(this.journal, whose.tenant, runId)).map((one) => one.callId);
    const missing = open.filter((id) => !answers.has(id));
    const stale = [...answers.keys()].filter((id) => !open.includes(id));
    if (open.length === 0 || missing.length > 0 || stale.length > 0 || this.live.get(runId) !== undefined) {
      const why = [...missing.map((id) => `${id} is open`), ...stale.map((id) => `${id} is not`)].join(", ");
      throw new RequestError(
        409,
        `These decisions are not those that run ${runId} waits for: ${why || "it waits for none"}.`,
      );
    }
    let live: LiveRun | undefined;
    for (const [callId, answer] of answers) live = (await this.decide(runId, callId, answer, whose)).live;
    return live ?? this.resume(runId, whose);
  }

  async #goOn(runId: string, whose: Principal): Promise<void> {
    const last = (await eventsOf(this.journal, whose.tenant, runId)).at(-1);
    if (last?.type === "run.finished" && last.stopReason === "waiting") await this.resume(runId, whose);
  }

  /** Those of these runs without an end that another service drives or will drive. */
  async takenCareOf(runs: readonly { runId: string; stopReason?: string }[]): Promise<ReadonlySet<string>> {
    const open = runs.filter(({ stopReason }) => stopReason === undefined).map(({ runId }) => runId);
    return this.crew === undefined || open.length === 0 ? new Set() : this.crew.takenCareOf(open);
  }

  /** Stops runs, those of this process at once: all of them for an admin, else those of the tenant. Says how many. */
  async stopAll(reason: string, by: Principal): Promise<number> {
    const all = hasScope(by, "admin");
    const here = this.#stop(reason, ({ tenant }) => all || tenant === by.tenant);
    return here + ((await this.crew?.stopElsewhere(all ? undefined : by.tenant)) ?? 0);
  }

  /** Stops the runs that a key has begun here: it no longer counts. */
  stopKey(keyId: string, reason: string): number {
    return this.#stop(reason, (owner) => owner.keyId === keyId);
  }

  #stop(reason: string, which: (owner: Owner) => boolean): number {
    const runs = this.live.all().filter((live) => which(live.owner));
    for (const { run } of runs) run.cancel(reason);
    return runs.length;
  }

  #drive(
    wish: Omit<RunWish, "tools" | "history" | "taint"> & { tools: readonly Tool[] },
    by: Caller | Asking,
    begin: (options: AgentOptions) => Run,
  ): LiveRun {
    const base = this.#context.agent;
    const name = wish.model ?? base.model.model;
    const leave = "scopes" in by ? this.#context.takeRun(by) : () => undefined;
    const admission = admitOr(this.#context, by, name, leave);
    const session = wish.session === undefined ? {} : { session: wish.session };
    const auditor = by.tenant === LOCAL.tenant ? undefined : base.auditor?.as?.(userOf(by));
    const options: AgentOptions = {
      ...base,
      ...(auditor === undefined ? {} : { auditor }),
      journal: this.journal,
      tools: wish.tools,
      settings: { ...base.settings, ...session, ...ownerOf(by) },
      limits: limitsFor(base, by),
      model: { engine: admission.engine, ...(name === undefined ? {} : { model: name }) },
      ...(wish.instructions === undefined ? {} : { instructions: wish.instructions }),
    };
    const run = scoped(() => begin(options));
    admission.name(run.id);
    return this.live.add(run, ownerOf(by), () => {
      admission.release();
      leave();
    });
  }
}

/** What another service needs to begin the same run. */
function requestOf(task: string, by: Principal, wish: RunWish): RunRequest {
  const { model, tools, history, taint, instructions, session } = wish;
  return {
    task,
    owner: ownerOf(by),
    ...(typeof model === "string" ? { model } : {}),
    ...(tools === null || tools === undefined ? {} : { tools }),
    ...(history === undefined ? {} : { history }),
    ...(taint === undefined ? {} : { taint }),
    ...(instructions === undefined ? {} : { instructions }),
    ...(session === undefined ? {} : { session }),
  };
}

/** A user as the audit names one. */
function userOf({ tenant, keyId }: Owner): string {
  return keyId === undefined ? tenant : `${tenant} (key ${keyId})`;
}

/** A place in line; without one the run's own place is given back. */
function admitOr(context: WireContext, by: Asking, model: string | undefined, leave: () => void): Admission {
  try {
    return admit(context, by, { run: true, model });
  } catch (error) {
    leave();
    throw error;
  }
}

/** Who decided something, as it stands in the log of the run: over which wire, with which key. */
export function signed(wire: string, { keyId }: Principal): string {
  return keyId === undefined ? wire : `${wire}, key ${keyId}`;
}

function notOpen(events: readonly RunEvent[], runId: string, callId: string): RequestError {
  const known = events.some((event) => event.type === "approval.requested" && event.callId === callId);
  if (known)
    return new RequestError(409, `Call ${callId} of run ${runId} is decided already.`, { code: "decided" });
  return new RequestError(404, `No call ${callId} of run ${runId} waits for an approval.`, {
    code: "call_not_found",
  });
}

function pickTools(all: readonly Tool[], names: readonly string[] | null | undefined): readonly Tool[] {
  if (names === null || names === undefined) return all;
  const missing = names.find((name) => !all.some((tool) => tool.name === name));
  if (missing === undefined) return all.filter((tool) => names.includes(tool.name));
  throw new RequestError(
    400,
    `There is no tool "${missing}" here: ${all.map((tool) => tool.name).join(", ")}.`,
    {
      code: "unknown_tool",
      param: "tools",
    },
  );
}
