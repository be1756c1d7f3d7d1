import type { Config } from "@hearth/runtime";
import type { SchedulerLimits } from "./hosts.ts";

type QueueSettings = Pick<
  Config["settings"],
  "parallel" | "maxQueue" | "maxLoaded" | "maxWait" | "linger" | "queueTimeout"
>;

/** The settings of the line, as `serve` takes them. */
export function queueOf({ settings }: { settings: QueueSettings }): {
  parallel: number;
  maxQueue: number;
  schedule: Partial<SchedulerLimits>;
} {
  const { parallel, maxQueue, maxLoaded, maxWait, linger, queueTimeout } = settings;
  const wait = maxWait === undefined ? {} : { maxWaitMs: maxWait * 1000 };
  const schedule = { maxLoaded, lingerMs: linger * 1000, queueTimeoutMs: queueTimeout * 1000, ...wait };
  return { parallel, maxQueue, schedule };
}
