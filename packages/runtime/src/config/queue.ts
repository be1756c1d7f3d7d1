import { lowerOnly } from "./rules.ts";
import { decimal, integer } from "./setting.ts";

/** Who gets the GPU and when, for each engine (docs/scheduler.md). */
export const queueSettings = {
  parallel: integer({
    about: "Answers at the same time for each model; what the engine was started with (OLLAMA_NUM_PARALLEL).",
    default: 1,
    scope: "serve",
    range: { min: 1, max: 256 },
    workspace: lowerOnly,
  }),
  maxQueue: integer({
    about: "Requests and runs that may wait for each engine; more are turned away.",
    default: 32,
    scope: "serve",
    range: { min: 0, max: 100_000 },
    workspace: lowerOnly,
  }),
  maxLoaded: integer({
    about: "Models that an engine may have in the GPU's memory at once.",
    default: 1,
    scope: "serve",
    range: { min: 1, max: 64 },
    workspace: lowerOnly,
  }),
  maxWait: decimal<number | undefined>({
    about: "Time within which a request gets its model while another one has the GPU.",
    default: undefined,
    defaultText: "60 and 9 times what loading takes, at most 300",
    unit: "seconds",
    scope: "serve",
    placeholder: "S",
    range: { min: 0, max: 86_400 },
    workspace: lowerOnly,
  }),
  linger: decimal({
    about: "Time for which a run's place at its model is kept between two of its answers.",
    default: 1,
    unit: "seconds",
    scope: "serve",
    placeholder: "S",
    range: { min: 0, max: 60 },
    workspace: lowerOnly,
  }),
  queueTimeout: decimal({
    about: "Time after which a request whose answer has not begun is turned away.",
    default: 600,
    unit: "seconds",
    scope: "serve",
    placeholder: "S",
    range: { min: 0.1, max: 86_400 },
    workspace: lowerOnly,
  }),
} as const;

export type QueueKey = keyof typeof queueSettings;

export const QUEUE_KEYS = Object.keys(queueSettings) as QueueKey[];
