/**
 * What can be counted of the service, for Prometheus. Owns names, labels and their bounds, and the text of `/metrics`.
 * Knows no route and no exporter; what it counts comes from the observers' seams and from the scheduler's meter.
 */
import type { Observer, OpenExchanges } from "../observe/index.ts";
import { askMetrics } from "./asks.ts";
import { httpMetrics } from "./http.ts";
import { BoundedLabel, Gauge, type Metric } from "./instruments.ts";
import { processMetrics } from "./process.ts";
import { exposition } from "./prometheus.ts";
import { type QueueMeter, type QueueState, queueMetrics } from "./queue.ts";
import { type AnswerMeter, runMetrics } from "./runs.ts";

export { BoundedLabel, Counter, Gauge, Histogram, type Metric } from "./instruments.ts";
export { CONTENT_TYPE, exposition } from "./prometheus.ts";
export type { QueueMeter, QueueState } from "./queue.ts";
export type { AnswerMeter } from "./runs.ts";

/** What the metrics read from when somebody asks. */
export interface MetricSources {
  version: string;
  queue(): QueueState;
  open: OpenExchanges;
  /** Runs of the journal that this process holds. */
  leases(): number;
  draining(): boolean;
  /** Of the exporter of traces, where there is one. */
  spans?(): { exported: number; dropped: number } | undefined;
}

export interface Metrics {
  /** To be told what happens. */
  observers: readonly Observer[];
  queue: QueueMeter;
  answers: AnswerMeter;
  /** The text of `/metrics`. */
  text(): string;
}

/** All metrics of one service. */
export function createMetrics(sources: MetricSources): Metrics {
  const models = new BoundedLabel();
  const asks = askMetrics(models);
  const runs = runMetrics();
  const http = httpMetrics(() => sources.open.streams);
  const queue = queueMetrics(models, () => sources.queue());
  const own: Metric[] = [
    new Gauge("hearth:build_info", "1, with the version.", () => [[sources.version, 1]], {
      label: "version",
    }),
    new Gauge("hearth:draining", "1 while the service lets its last runs end.", () =>
      sources.draining() ? 1 : 0,
    ),
    new Gauge("hearth:journal_leases", "Runs of the journal that this process holds.", () =>
      sources.leases(),
    ),
    new Gauge(
      "hearth:spans_exported_total",
      "Spans that the collector took.",
      () => sources.spans?.()?.exported,
      {
        counts: true,
      },
    ),
    new Gauge(
      "hearth:spans_dropped_total",
      "Spans lost: the collector was away or too slow.",
      () => sources.spans?.()?.dropped,
      {
        counts: true,
      },
    ),
  ];
  const all = [
    ...asks.metrics,
    ...queue.metrics,
    ...runs.metrics,
    ...http.metrics,
    ...own,
    ...processMetrics(),
  ];
  return {
    observers: [asks.observer, runs.observer, http.observer],
    queue: queue.meter,
    answers: runs.answers,
    text: () => exposition(all),
  };
}
