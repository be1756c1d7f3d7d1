import type { AgentOptions } from "hearth";
import { type Config, runSettings, type SettingKey } from "../config/index.ts";
import { readInstructions } from "./files.ts";

/** Settings that a run takes when it begins: a service that goes on can take new ones for the runs to come. */
export const ADJUSTABLE: ReadonlySet<SettingKey> = new Set([
  "system",
  "maxSteps",
  "maxParallel",
  "toolTimeout",
  "timeout",
  "retries",
  "temperature",
  "seed",
  "context",
  "contextPolicy",
  "contextThreshold",
  "think",
  "approve",
]);

type Adjustable = Pick<
  AgentOptions,
  | "instructions"
  | "limits"
  | "sampling"
  | "think"
  | "settings"
  | "compaction"
  | "contextThreshold"
  | "contextTokens"
>;

/** What `ADJUSTABLE` says of a run; `approve` is left to whoever knows who can be asked. */
export function adjustable(config: Config): Adjustable {
  const { settings } = config;
  return {
    instructions: readInstructions(settings.system),
    limits: limitsOf(settings),
    sampling: samplingOf(settings),
    think: settings.think === "auto" ? "auto" : settings.think === "on",
    settings: runSettings(config),
    compaction: settings.contextPolicy,
    ...(settings.contextThreshold === undefined ? {} : { contextThreshold: settings.contextThreshold }),
    ...(settings.context === undefined ? {} : { contextTokens: settings.context }),
  };
}

function limitsOf(settings: Config["settings"]): NonNullable<AgentOptions["limits"]> {
  return {
    maxSteps: settings.maxSteps,
    maxParallel: settings.maxParallel,
    toolTimeoutMs: Math.round(settings.toolTimeout * 1000),
    attempts: settings.retries,
    ...(settings.timeout === undefined ? {} : { timeoutMs: Math.round(settings.timeout * 1000) }),
  };
}

function samplingOf({ temperature, seed }: Config["settings"]): NonNullable<AgentOptions["sampling"]> {
  return { ...(temperature === undefined ? {} : { temperature }), ...(seed === undefined ? {} : { seed }) };
}
