import type { RunEvent } from "hearth";
import { type AskEnd, currentScope, type Exchange, type Observer } from "../observe/index.ts";
import type { Log, LogFields } from "./log.ts";

/** Asked by machines every few seconds: only worth a line to whoever debugs. */
const QUIET_ROUTES: ReadonlySet<string> = new Set(["/livez", "/readyz", "/health", "/metrics"]);

/** What is known of a run while it is driven here. */
interface Going {
  about: LogFields;
  atMs: number;
  step: number;
  stepMs: number;
}

/**
 * Requests, runs and what was slow, as lines of the log.
 * @param slowMs a step, a tool, a question or a wait that takes longer is named; 0 names none
 */
export function logWork(
  log: Log,
  slowMs: () => number,
  now: () => number = () => performance.now(),
): Observer {
  const runs = new Map<string, Going>();

  const slow = (what: string, ms: number, fields: LogFields): void => {
    const bound = slowMs();
    if (bound > 0 && ms > bound) log.write("warn", `slow ${what}`, { ...fields, ms: Math.round(ms) });
  };

  function begun(event: RunEvent): void {
    const scope = currentScope();
    const traceId = (scope?.span ?? scope?.parent)?.traceId;
    const about = { runId: event.runId, tenant: scope?.tenant?.(), traceId };
    runs.set(event.runId, { about, atMs: now(), step: 0, stepMs: now() });
    const resumed = event.type === "run.resumed";
    const model = event.type === "run.started" ? event.model : undefined;
    log.write("info", resumed ? "run resumed" : "run started", { ...about, model });
  }

  function followed(event: RunEvent, run: Going): void {
    const { about } = run;
    switch (event.type) {
      case "step.started":
        run.step = event.step;
        run.stepMs = now();
        break;
      case "step.finished":
        slow("step", now() - run.stepMs, { ...about, step: event.step });
        break;
      case "call.finished":
        slow("tool", event.ms, { ...about, step: run.step, tool: event.name, callId: event.callId });
        break;
      case "wait.ended":
        slow("wait", event.ms, { ...about, for: event.for });
        break;
      case "engine.retried":
        log.write("warn", "engine failed, asked again", {
          ...about,
          error: event.class,
          reason: event.message,
          attempt: event.attempt,
        });
        break;
      case "context.truncated":
        log.write("warn", "engine cut the prompt", {
          ...about,
          expected: event.expected,
          actual: event.actual,
        });
        break;
      case "run.finished":
        log.write(event.stopReason === "engine_error" ? "error" : "info", "run finished", {
          ...about,
          stopReason: event.stopReason,
          steps: event.steps,
          inputTokens: event.usage.input,
          outputTokens: event.usage.output,
          ms: Math.round(now() - run.atMs),
          error: event.error?.class,
          reason: event.error?.message,
        });
        break;
      default:
    }
  }

  return {
    event(event) {
      if (event.type === "run.started" || event.type === "run.resumed") begun(event);
      else {
        const run = runs.get(event.runId);
        if (run !== undefined) followed(event, run);
      }
    },
    over: (runId) => void runs.delete(runId),
    ask: ({ model, engine, scope }) => ({
      end(end) {
        slow("answer", end.ms, {
          model,
          engine,
          traceId: (scope?.span ?? scope?.parent)?.traceId,
          ...first(end),
        });
      },
    }),
    exchange: (exchange) => logExchange(log, exchange),
  };
}

function first({ firstMs }: AskEnd): LogFields {
  return firstMs === undefined ? {} : { firstMs: Math.round(firstMs) };
}

function logExchange(log: Log, { route, status, ms, ...rest }: Exchange): void {
  const level = status >= 500 ? "warn" : QUIET_ROUTES.has(route) ? "debug" : "info";
  if (!log.enabled(level)) return;
  const { method, left, tenant, runId, traceId } = rest;
  log.write(level, "request", {
    method,
    route: route === "" ? "none" : route,
    status,
    ms: Math.round(ms * 10) / 10,
    tenant,
    runId,
    traceId,
    ...(left ? { left } : {}),
  });
}
