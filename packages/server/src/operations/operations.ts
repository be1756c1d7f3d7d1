import { type AgentOptions, type Journal, memoryJournal } from "hearth";
import type { Context, MiddlewareHandler } from "hono";
import {
  CONTENT_TYPE,
  createMetrics,
  type Metrics,
  type QueueMeter,
  type QueueState,
} from "../metrics/index.ts";
import {
  type ObservedJournal,
  type Observer,
  OpenExchanges,
  observedEngine,
  observedExchanges,
  observedJournal,
} from "../observe/index.ts";
import type { Routes } from "../openapi/index.ts";
import { version } from "../version.ts";
import type { WireContext } from "../wires/context.ts";
import { type Check, type CheckResult, serviceChecks } from "./checks.ts";
import { Drain } from "./drain.ts";
import { createLog, type Log } from "./log.ts";
import { logWork } from "./log-work.ts";
import { marked, resumeInterrupted } from "./resume.ts";

/** A sender of spans: sees the work, and says what became of what it saw. */
export interface SpanSink extends Observer {
  counts(): { exported: number; dropped: number };
}

export interface OperationsOptions {
  agent: WireContext["agent"];
  /** Default: none is written. */
  log?: Log;
  /** What takes longer is named in the log; 0 names nothing. Default 30,000. */
  slowMs?: number;
  telemetry?: SpanSink;
}

const NO_QUEUE: QueueState = { waiting: 0, running: 0, capacity: 0, slots: 0 };
const SILENT: Log = createLog({ form: "text", level: "error", write: () => undefined });
const TAG = "Operations";

/** One service as those who run it see it: looked at, counted, logged, checked, drained, changed while it runs. */
export class Operations {
  /** What the wires make runs from; everything about it is looked at. */
  readonly agent: WireContext["agent"];
  readonly metrics: Metrics;
  readonly drain: Drain;
  readonly log: Log;
  slowMs: number;
  /** Comes before everything. */
  readonly watch: MiddlewareHandler;
  readonly #journal: ObservedJournal;
  readonly #checks: readonly Check[];
  readonly #ending = new AbortController();
  #queue: () => QueueState = () => NO_QUEUE;

  constructor({ agent, log = SILENT, slowMs = 30_000, telemetry }: OperationsOptions) {
    this.log = log;
    this.slowMs = slowMs;
    const open = new OpenExchanges();
    const observers: Observer[] = [];
    this.#journal = observedJournal(agent.journal ?? memoryJournal(), observers);
    this.drain = new Drain(() => this.#journal, open);
    this.metrics = createMetrics({
      version: version(),
      queue: () => this.#queue(),
      open,
      leases: () => this.#journal.leases.size,
      draining: () => this.drain.draining,
      spans: () => telemetry?.counts(),
    });
    // The sender of spans comes first: it names the span that the log then writes down.
    if (telemetry !== undefined) observers.push(telemetry);
    observers.push(
      ...this.metrics.observers,
      logWork(log, () => this.slowMs),
    );
    this.watch = observedExchanges(observers, open);
    this.agent = {
      ...agent,
      // Tools of MCP servers come and go.
      get tools() {
        return agent.tools;
      },
      model: { ...agent.model, engine: observedEngine(agent.model.engine, observers) },
      journal: this.#journal.journal,
      settings: marked(agent.settings),
    };
    this.#checks = serviceChecks(
      agent.journal,
      () => agent.model.engine,
      (name, failure) => {
        if (failure === undefined) log.write("info", "well again", { check: name });
        else log.write("error", "not well", { check: name, error: failure.name, reason: failure.message });
      },
    );
  }

  get journal(): Journal {
    return this.#journal.journal;
  }

  /** For whoever keeps the line. */
  get queueMeter(): QueueMeter {
    return this.metrics.queue;
  }

  /** Where the figures of the line come from. */
  readQueue(read: () => QueueState): void {
    this.#queue = read;
  }

  /** New runs are made with these from now on; those that go on keep what they began with. */
  adjust(options: Partial<Omit<AgentOptions, "model" | "tools" | "journal">>): void {
    // A window that is no longer named is chosen again.
    delete this.agent.contextTokens;
    delete this.agent.contextThreshold;
    Object.assign(
      this.agent,
      options,
      options.settings === undefined ? {} : { settings: marked(options.settings) },
    );
  }

  mount(routes: Routes): void {
    const look = { method: "GET", tag: TAG } as const;
    routes.add(
      { ...look, path: "/livez", id: "livez", access: "public", summary: "The process is up" },
      (c) => c.json({ ok: true }),
    );
    const ready = (c: Context) => this.#ready(c);
    const answers = {
      200: { description: "It can take work" },
      503: { description: "It can't, and which of the checks says so" },
    };
    const summary =
      "Whether it can take work: the journal can be written, the engine answers, it does not drain";
    routes.add({ ...look, path: "/readyz", id: "readyz", access: "public", summary, answers }, ready);
    routes.add(
      { ...look, path: "/health", id: "health", access: "key", summary: "As /readyz", answers },
      ready,
    );
    routes.add(
      {
        ...look,
        path: "/metrics",
        id: "metrics",
        access: "key",
        summary: "Figures for Prometheus",
        answers: { 200: { description: "Text exposition format 0.0.4", content: ["text/plain"] } },
      },
      (c) => c.body(this.metrics.text(), 200, { "content-type": CONTENT_TYPE }),
    );
  }

  async #ready(c: Context): Promise<Response> {
    const { draining } = this.drain;
    // Whoever waits for this service to go should not wait for its engine first.
    const looked = draining ? [] : await Promise.all(this.#checks.map((one) => one.look()));
    const checks: Record<string, CheckResult | { ok: boolean }> = { draining: { ok: !draining } };
    for (const [i, result] of looked.entries()) checks[this.#checks[i]!.name] = result;
    const ok = Object.values(checks).every((one) => one.ok);
    return c.json({ ok, checks }, ok ? 200 : 503, { "cache-control": "no-store" });
  }

  /** Goes on with the runs that a service left in the middle. */
  async resume(take: (runId: string) => Promise<unknown>): Promise<void> {
    const { agent, log } = this;
    const workspace = agent.settings?.["workspace"];
    if (agent.journal?.durable !== true || typeof workspace !== "string") return;
    const signal = this.#ending.signal;
    const count = await resumeInterrupted({ journal: agent.journal, workspace, resume: take, log, signal });
    if (count > 0) log.write("info", "runs taken up where they were left", { runs: count });
  }

  /** Ends all work within `boundMs`, or hands it on. The routes still answer until the socket is closed. */
  async end(boundMs: number): Promise<Awaited<ReturnType<Drain["end"]>>> {
    this.#ending.abort();
    this.log.write("info", "draining", { boundMs });
    const drained = await this.drain.end(boundMs);
    const { whole, handedOff, ms } = drained;
    this.log.write("info", "drained", { whole, handedOff: handedOff.length, ms: Math.round(ms) });
    return drained;
  }
}
