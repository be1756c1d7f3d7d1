import { BoundedLabel, Histogram } from "../metrics/instruments.ts";
import type { TelemetrySettings } from "./env.ts";
import { ATTRIBUTE, METRIC } from "./names.ts";
import type { FinishedSpan, NamedHistogram } from "./otlp.ts";

/** Where spans and figures go. */
export interface Sinks {
  settings: TelemetrySettings;
  histograms: Histograms;
  /** Names that become attributes of figures: whoever asks chooses them, so they are bounded. */
  models: BoundedLabel;
  tools: BoundedLabel;
  span(span: FinishedSpan): void;
  /** Milliseconds since 1970. */
  now(): number;
}

export type Histograms = { readonly [K in keyof typeof METRIC]: Histogram };

const ASK = [ATTRIBUTE.operation, ATTRIBUTE.provider, ATTRIBUTE.requestModel];

export const newLabels = () => ({ models: new BoundedLabel(), tools: new BoundedLabel() });

export function newHistograms(): Histograms {
  const make = (which: keyof typeof METRIC, help: string, labels: readonly string[]): Histogram =>
    new Histogram(METRIC[which].name, help, METRIC[which].bounds, labels);
  return {
    tokens: make("tokens", "Number of input and output tokens used.", [...ASK, ATTRIBUTE.tokenType]),
    duration: make("duration", "Duration of a question to an engine.", [...ASK, ATTRIBUTE.error]),
    first: make("first", "From a question to the first piece of its answer.", ASK),
    agent: make("agent", "Duration of a run.", [ATTRIBUTE.agent, ATTRIBUTE.error]),
    tool: make("tool", "Duration of a call of a tool.", [ATTRIBUTE.toolName, ATTRIBUTE.error]),
  };
}

export function named(histograms: Histograms): NamedHistogram[] {
  return Object.entries(histograms).map(([which, histogram]) => ({
    histogram,
    unit: METRIC[which as keyof typeof METRIC].unit,
  }));
}
