import { type BoundedLabel, Counter, Gauge, Histogram, type Metric } from "./instruments.ts";

/** Seconds in line. */
const WAIT_S = [0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
/** Seconds to load a model: from a page cache to a large one from a slow disk. */
const LOAD_S = [0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320];

/** How the line in front of the engines stands now. */
export interface QueueState {
  readonly waiting: number;
  readonly running: number;
  /** How many may wait. */
  readonly capacity: number;
  /** How many may run at once. */
  readonly slots: number;
  /** Models that engines hold in memory, where that is known. */
  readonly loaded?: number;
}

/** What the scheduler tells as it happens. */
export interface QueueMeter {
  /** A request got its slot; 0 ms where it never waited. */
  granted(model: string, waitedMs: number): void;
  /** Turned away: the line is full, or it would have waited too long. */
  refused(model: string, why: "full" | "deadline"): void;
  /** Another model takes the place of the one that was loaded. */
  swapped(to: string): void;
  /** A model was loaded for a request. */
  loaded(model: string, ms: number): void;
  /** A model that was neither loading nor in use gave way. */
  evicted(model: string): void;
}

export function queueMetrics(
  models: BoundedLabel,
  state: () => QueueState,
): { meter: QueueMeter; metrics: Metric[] } {
  const wait = new Histogram("hearth:request_queue_time_seconds", "Time in line.", WAIT_S, ["model_name"]);
  const refused = new Counter("hearth:requests_refused_total", "Requests turned away, by why.", ["reason"]);
  const swaps = new Counter("hearth:model_swaps_total", "Times that one model gave way to another.");
  const evictions = new Counter("hearth:model_evictions_total", "Models put out of memory.");
  const load = new Histogram("hearth:model_load_duration_seconds", "Loading a model.", LOAD_S, [
    "model_name",
  ]);
  const reading = (name: string, help: string, read: (now: QueueState) => number | undefined): Metric =>
    new Gauge(name, help, () => read(state()));
  return {
    meter: {
      granted: (model, waitedMs) => wait.observe(waitedMs / 1000, models.known(model)),
      refused: (_model, why) => refused.add(1, why),
      swapped: () => swaps.add(),
      loaded: (model, ms) => load.observe(ms / 1000, models.admit(model)),
      evicted: () => evictions.add(),
    },
    metrics: [
      reading("hearth:num_requests_waiting", "Requests in line.", ({ waiting }) => waiting),
      reading("hearth:queue_running", "Requests that hold a slot.", ({ running }) => running),
      reading("hearth:queue_capacity", "Requests that may wait.", ({ capacity }) => capacity),
      reading("hearth:queue_slots", "Requests that may hold a slot at once.", ({ slots }) => slots),
      reading("hearth:models_loaded", "Models in memory.", ({ loaded }) => loaded),
      wait,
      refused,
      swaps,
      evictions,
      load,
    ],
  };
}
