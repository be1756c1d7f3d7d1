import type { Telemetry } from "@hearth/server/telemetry";
import type { AgentOptions, Run } from "hearth";
import { version } from "./version.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The sender of spans, where the environment names a collector; all else of it is loaded only then. */
export async function telemetryOf(env: Environment): Promise<Telemetry | undefined> {
  const named = Object.keys(env).some(
    (name) => /^OTEL_EXPORTER_OTLP_(\w+_)?ENDPOINT$/.test(name) && env[name],
  );
  if (!named) return undefined;
  const { telemetry } = await import("@hearth/server/telemetry");
  return telemetry(env, version());
}

/** What a command hands on to its run: options that are looked at, and a start below the trace of the environment. */
export interface Traced {
  options<T extends AgentOptions>(options: T): T;
  begin(start: () => Run): Run;
  /** Sends what is left. */
  close(): Promise<void>;
}

const UNTRACED: Traced = {
  options: (options) => options,
  begin: (start) => start(),
  close: async () => undefined,
};

/** One run of a command as a trace. */
export async function tracedRun(env: Environment): Promise<Traced> {
  const sender = await telemetryOf(env);
  if (sender === undefined) return UNTRACED;
  const { attach, traced } = await import("@hearth/server/telemetry");
  return {
    options: (options) => attach(options, sender),
    begin: (start) => traced(env, start),
    close: () => sender.close(),
  };
}
