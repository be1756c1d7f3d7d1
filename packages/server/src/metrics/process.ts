import { readdirSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Gauge, type Metric } from "./instruments.ts";

/** Figures of this process, under the names that dashboards for Prometheus and Node know. */
export function processMetrics(): Metric[] {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const startedS = Date.now() / 1000 - process.uptime();
  return [
    new Gauge("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss()),
    new Gauge("nodejs_heap_size_used_bytes", "Heap in use.", () => process.memoryUsage().heapUsed),
    new Gauge(
      "nodejs_external_memory_bytes",
      "Buffers outside the heap.",
      () => process.memoryUsage().external,
    ),
    new Gauge(
      "process_cpu_seconds_total",
      "CPU time of user and system.",
      () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e6;
      },
      { counts: true },
    ),
    new Gauge("process_start_time_seconds", "When the process began, since 1970.", () => startedS),
    new Gauge("process_open_fds", "Open file descriptors.", openFds),
    new Gauge(
      "nodejs_active_resources",
      "What keeps the event loop awake: timers, sockets, children.",
      activeResources,
      { label: "type" },
    ),
    new Gauge(
      "nodejs_eventloop_lag_p99_seconds",
      "99th percentile of the event loop's delay since the last look.",
      () => {
        const p99 = delay.percentile(99) / 1e9;
        delay.reset();
        return Number.isFinite(p99) ? p99 : 0;
      },
    ),
  ];
}

/** Only Linux tells. */
function openFds(): number | undefined {
  try {
    // The listing itself holds one open.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return undefined;
  }
}

function activeResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}
