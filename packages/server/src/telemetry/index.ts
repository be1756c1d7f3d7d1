/**
 * Spans and figures of generative AI, sent by OTLP over HTTP. Owns their names, their encoding and the way to the collector, which never
 * holds up the work. Loaded only where an endpoint is named. Does not own what is seen: the observers' seams do.
 */
import { type AgentOptions, memoryJournal } from "hearth";
import { type Observer, observedEngine, observedJournal, scopeOf, within } from "../observe/index.ts";
import { watchAsk } from "./asks.ts";
import { telemetrySettings } from "./env.ts";
import { ATTRIBUTE } from "./names.ts";
import { metricsBody, type Origin } from "./otlp.ts";
import { SpanQueue } from "./queue.ts";
import { watchRuns } from "./runs.ts";
import { SYSTEM, send, type Transport } from "./sender.ts";
import { named, newHistograms, newLabels, type Sinks } from "./sinks.ts";

/** What is left is sent for so long at most when the process ends: 2 s. */
export const CLOSE_MS = 2000;

export interface Telemetry extends Observer {
  counts(): { exported: number; dropped: number };
  /** Sends what is left, for `boundMs` at most. */
  close(boundMs?: number): Promise<void>;
}

/**
 * The sender of spans and figures that the environment asks for; `undefined` where it asks for none.
 * @throws UsageError for a setting of OpenTelemetry that can't be meant
 */
export function telemetry(
  env: Readonly<Record<string, string | undefined>>,
  version: string,
  transport: Transport = SYSTEM,
): Telemetry | undefined {
  const settings = telemetrySettings(env);
  if (settings === undefined) return undefined;
  const origin: Origin = {
    version,
    resource: {
      ...settings.resource,
      [ATTRIBUTE.serviceName]: settings.serviceName,
      [ATTRIBUTE.serviceVersion]: version,
    },
  };
  const spans =
    settings.traces === undefined ? undefined : new SpanQueue(settings.traces, origin, settings, transport);
  const sinks: Sinks = {
    settings,
    histograms: newHistograms(),
    ...newLabels(),
    span: (span) => spans?.add(span),
    now: Date.now,
  };
  const startMs = Date.now();
  const hurry = new AbortController();
  const figures = async (): Promise<void> => {
    if (settings.metrics === undefined) return;
    const body = metricsBody(origin, named(sinks.histograms), startMs, Date.now());
    // The next export holds all of this one: it is not worth another try.
    await send(settings.metrics, body, hurry.signal, { gzipped: settings.gzip, transport, attempts: 1 });
  };
  const timer = setInterval(() => void figures(), settings.intervalMs).unref();
  return {
    ask: (ask) => watchAsk(ask, sinks),
    ...watchRuns(sinks),
    counts: () => ({ exported: spans?.exported ?? 0, dropped: spans?.dropped ?? 0 }),
    async close(boundMs = CLOSE_MS) {
      clearInterval(timer);
      hurry.abort();
      let bound: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        bound = setTimeout(resolve, boundMs);
      });
      await Promise.all([spans?.close(boundMs), Promise.race([figures(), late])]);
      clearTimeout(bound);
    },
  };
}

/** The same agent with its engine and journal looked at: for a program or a command without a service. Run it with `traced`. */
export function attach<T extends AgentOptions>(agent: T, observer: Observer): T {
  const { journal } = observedJournal(agent.journal ?? memoryJournal(), [observer]);
  const model = { ...agent.model, engine: observedEngine(agent.model.engine, [observer]) };
  return { ...agent, model, journal };
}

/** Runs `body` in a scope of its own, below the trace of `TRACEPARENT` where the environment names one. */
export function traced<T>(env: Readonly<Record<string, string | undefined>>, body: () => T): T {
  return within(scopeOf(env["TRACEPARENT"], env["TRACESTATE"]), body);
}
