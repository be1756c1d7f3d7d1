import type { RunEvent } from "hearth";
import type { Observer } from "../observe/index.ts";
import { BoundedLabel, Counter, Gauge, Histogram, type Metric } from "./instruments.ts";

/** Seconds. */
const TOOL_S = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const RUN_S = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

/** What an answer of a model tells that no run is behind: there are no events to count it by. */
export interface AnswerMeter {
  /** A call left the service other than the model had written it. */
  repaired(): void;
  /** The engine had cut the prompt. */
  truncated(): void;
}

/** What is counted by kind of event; kinds that are not named count nothing. */
type Counts = { [T in RunEvent["type"]]?: (event: Extract<RunEvent, { type: T }>) => void };

/** What runs say of themselves, counted from their events and nothing else. */
export function runMetrics(): { observer: Observer; answers: AnswerMeter; metrics: Metric[] } {
  /** When each run that is driven here began or went on, in ms. */
  const going = new Map<string, number>();
  const tools = new BoundedLabel();

  const started = new Counter("hearth:runs_started_total", "Runs begun here.");
  const resumed = new Counter("hearth:runs_resumed_total", "Runs that went on here.");
  const finished = new Counter("hearth:runs_finished_total", "Runs that ended, by why.", ["stop_reason"]);
  const duration = new Histogram(
    "hearth:run_duration_seconds",
    "From the beginning of a run, or from where it went on, to its end; time in line is in it.",
    RUN_S,
  );
  const steps = new Counter("hearth:steps_total", "Steps that were finished.");
  const discarded = new Counter(
    "hearth:steps_discarded_total",
    "Answers voided because their stream failed.",
  );
  const retries = new Counter("hearth:engine_retries_total", "Questions asked again, by error.", ["error"]);
  const truncated = new Counter(
    "hearth:context_truncations_total",
    "Prompts that an engine cut without saying so.",
  );
  const compacted = new Counter("hearth:context_compactions_total", "Prompts shortened to fit the window.");
  const repaired = new Counter("hearth:calls_repaired_total", "Calls mended before they ran.");
  const invalid = new Counter("hearth:calls_invalid_total", "Calls that could not be run, by why.", [
    "reason",
  ]);
  const toolTime = new Histogram("hearth:tool_duration_seconds", "Runs of tools.", TOOL_S, ["tool_name"]);
  const toolFailures = new Counter("hearth:tool_failures_total", "Calls whose result was a failure.", [
    "tool_name",
  ]);
  const asked = new Counter("hearth:approvals_requested_total", "Calls that waited for a person's word.");
  const given = new Counter("hearth:approvals_given_total", "Words given, by which.", ["decision"]);
  const guard = new Counter("hearth:guard_trips_total", "Loops that a guard stopped, by kind.", ["kind"]);
  const artifacts = new Counter("hearth:artifact_bytes_total", "Results kept outside the prompt.");
  const running = new Gauge(
    "hearth:runs_running",
    "Runs driven here now, those in line too.",
    () => going.size,
  );

  const begun = (event: RunEvent): void => void going.set(event.runId, Date.parse(event.time));
  const on: Counts = {
    "run.started": (event) => {
      started.add();
      begun(event);
    },
    "run.resumed": (event) => {
      resumed.add();
      begun(event);
    },
    "run.finished": (event) => {
      finished.add(1, event.stopReason);
      const since = going.get(event.runId);
      if (since !== undefined) duration.observe((Date.parse(event.time) - since) / 1000);
    },
    "step.finished": () => steps.add(),
    "step.discarded": () => discarded.add(),
    "engine.retried": (event) => retries.add(1, event.class),
    "context.truncated": () => truncated.add(),
    "context.compacted": () => compacted.add(),
    "call.ready": (event) => {
      if (event.repairs !== undefined && event.repairs.length > 0) repaired.add();
    },
    "call.invalid": (event) => invalid.add(1, event.reason),
    "call.finished": (event) => {
      const name = tools.admit(event.name);
      toolTime.observe(event.ms / 1000, name);
      if (!event.ok) toolFailures.add(1, name);
    },
    "approval.requested": () => asked.add(),
    "approval.given": (event) => given.add(1, event.decision),
    "guard.tripped": (event) => guard.add(1, event.kind),
    "artifact.stored": (event) => artifacts.add(event.bytes),
  };
  const event = (one: RunEvent): void => {
    const count: ((event: never) => void) | undefined = on[one.type];
    (count as ((event: RunEvent) => void) | undefined)?.(one);
  };

  return {
    answers: { repaired: () => repaired.add(), truncated: () => truncated.add() },
    observer: { event, over: (runId) => void going.delete(runId) },
    metrics: [
      running,
      started,
      resumed,
      finished,
      duration,
      steps,
      discarded,
      retries,
      truncated,
      compacted,
      repaired,
      invalid,
      toolTime,
      toolFailures,
      asked,
      given,
      guard,
      artifacts,
    ],
  };
}
