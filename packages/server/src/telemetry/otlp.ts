import type { Histogram } from "../metrics/instruments.ts";
import type { SpanContext } from "../observe/scope.ts";
import { REALS, SCHEMA_URL } from "./names.ts";

export type AttributeValue = string | number | boolean | readonly string[];
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

/** As OTLP numbers them. */
export const KIND = { internal: 1, client: 3 } as const;

export interface FinishedSpan {
  context: SpanContext;
  parentId?: string;
  name: string;
  kind: (typeof KIND)[keyof typeof KIND];
  /** Milliseconds since 1970. */
  startMs: number;
  endMs: number;
  attributes: Attributes;
  /** What failed, for people; absent where nothing did. */
  failure?: string;
}

/** Nanoseconds as OTLP's JSON wants them: a decimal string (opentelemetry.io/docs/specs/otlp, JSON encoding). */
const nanos = (ms: number): string => String(BigInt(Math.round(ms * 1000)) * 1000n);

function anyValue(value: AttributeValue): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number")
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map(anyValue) } };
}

function attributesOf(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: REALS.has(key) ? { doubleValue: value } : anyValue(value) }],
  );
}

/** A span as JSON text. */
export function spanText(span: FinishedSpan): string {
  const { context, parentId, name, kind, startMs, endMs, attributes, failure } = span;
  return JSON.stringify({
    traceId: context.traceId,
    spanId: context.spanId,
    ...(parentId === undefined ? {} : { parentSpanId: parentId }),
    // The low bits are those of W3C's trace flags.
    flags: context.sampled ? 1 : 0,
    name,
    kind,
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: nanos(Math.max(startMs, endMs)),
    attributes: attributesOf(attributes),
    status: failure === undefined ? {} : { code: 2, message: failure },
  });
}

export interface Origin {
  resource: Attributes;
  version: string;
}

function scopeText({ version }: Origin): string {
  return JSON.stringify({ name: "hearth", version });
}

function resourceText({ resource }: Origin): string {
  return JSON.stringify({ attributes: attributesOf(resource) });
}

/** The body of an export of spans that were written out before. */
export function tracesBody(origin: Origin, spans: readonly string[]): string {
  return `{"resourceSpans":[{"resource":${resourceText(origin)},"scopeSpans":[{"scope":${scopeText(origin)},"schemaUrl":"${SCHEMA_URL}","spans":[${spans.join(",")}]}]}]}`;
}

/** Counted since the beginning, not since the last export: a lost export loses nothing. */
const CUMULATIVE = 2;

export interface NamedHistogram {
  histogram: Histogram;
  unit: string;
}

/** The body of an export of histograms. */
export function metricsBody(
  origin: Origin,
  histograms: readonly NamedHistogram[],
  startMs: number,
  nowMs: number,
): string {
  const metrics = histograms.flatMap(({ histogram, unit }) => {
    const dataPoints = [...histogram.distributions()].map(({ labels, cell }) => ({
      startTimeUnixNano: nanos(startMs),
      timeUnixNano: nanos(nowMs),
      count: String(cell.count),
      sum: cell.sum,
      bucketCounts: cell.counts.map(String),
      explicitBounds: histogram.bounds,
      // An attribute that does not apply is left out, where a label of Prometheus would be empty.
      attributes: attributesOf(Object.fromEntries(labels.filter(([, value]) => value !== ""))),
    }));
    if (dataPoints.length === 0) return [];
    const { name, help } = histogram;
    return [{ name, description: help, unit, histogram: { aggregationTemporality: CUMULATIVE, dataPoints } }];
  });
  return `{"resourceMetrics":[{"resource":${resourceText(origin)},"scopeMetrics":[{"scope":${scopeText(origin)},"schemaUrl":"${SCHEMA_URL}","metrics":${JSON.stringify(metrics)}}]}]}`;
}
