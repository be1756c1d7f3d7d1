/** What the service uses, as the kernel and its own `/metrics` tell. */
import { readdirSync, readFileSync } from "node:fs";

export interface Sample {
  /** Seconds since the part began. */
  s: number;
  rssMb: number;
  heapMb: number;
  /** File descriptors, without the connections that clients keep. */
  fds: number;
  timers: number;
  leases: number;
  sseClients: number;
  running: number;
  waiting: number;
  runs: number;
  /** Processes below it: sandboxes, interpreters. */
  children: number;
}

export const FIGURES = [
  "fds",
  "timers",
  "leases",
  "sseClients",
  "running",
  "waiting",
  "runs",
  "children",
] as const;

/** Collects garbage first: what is left is in use. */
export async function sample(url: string, pid: number, beganMs: number): Promise<Sample> {
  process.kill(pid, "SIGUSR2");
  await new Promise((resolve) => setTimeout(resolve, 200));
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (name: string): number =>
    Number(new RegExp(`^${name.replace(/[{}"]/g, "\\$&")} (\\S+)$`, "m").exec(text)?.[1] ?? 0);
  return {
    s: Math.round((performance.now() - beganMs) / 1000),
    rssMb: read("process_resident_memory_bytes") / 2 ** 20,
    heapMb: read("nodejs_heap_size_used_bytes") / 2 ** 20,
    fds: readdirSync(`/proc/${pid}/fd`).length - connections(Number(new URL(url).port)),
    timers: read('nodejs_active_resources{type="Timeout"}'),
    leases: read("hearth:journal_leases"),
    sseClients: read("hearth:sse_clients"),
    running: read("hearth:num_requests_running"),
    waiting: read("hearth:num_requests_waiting"),
    runs: read("hearth:runs_running"),
    children: descendants(pid),
  };
}

/** Connections to this port of ours, as the kernel lists them. */
function connections(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = readFileSync("/proc/net/tcp", "latin1").split("\n");
  // The second field is the local end, the fourth the state: 01 is established.
  return lines.filter((line) => {
    const [, here = "", , state] = line.trim().split(/\s+/);
    return here.endsWith(local) && state === "01";
  }).length;
}

function descendants(pid: number): number {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended while it was looked at.
    }
  }
  const count = (one: number): number =>
    (parents.get(one) ?? []).reduce((sum, child) => sum + 1 + count(child), 0);
  return count(pid);
}
