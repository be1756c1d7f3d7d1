import type { RunEvent } from "hearth";
import { currentScope, type Observer, type Scope, type SpanContext } from "../observe/index.ts";
import { bounded } from "./content.ts";
import { newSpan } from "./ids.ts";
import { ATTRIBUTE, OPERATION } from "./names.ts";
import { type AttributeValue, KIND } from "./otlp.ts";
import type { Sinks } from "./sinks.ts";

/** How the agent of this service or command is called in traces. */
const AGENT = "hearth";

interface OpenTool {
  context: SpanContext;
  startMs: number;
}

interface OpenRun {
  context: SpanContext;
  parentId: string | undefined;
  startMs: number;
  attributes: Record<string, AttributeValue | undefined>;
  scope: Scope | undefined;
  provider: string;
  arguments: Map<string, string>;
  tools: Map<string, OpenTool>;
}

/** Runs and their tools as spans, made from the events of the log and nothing else. */
export function watchRuns(sinks: Sinks): Observer {
  const open = new Map<string, OpenRun>();
  const { settings, histograms } = sinks;

  function begin(event: RunEvent & { type: "run.started" | "run.resumed" }): void {
    const scope = currentScope();
    // A run that begins inside another is a part of it.
    const parent = scope?.span ?? scope?.parent;
    const context = newSpan(parent, settings.sampling);
    if (scope !== undefined && scope.span === undefined) scope.span = context;
    const started = event.type === "run.started" ? event : undefined;
    const session = started?.settings["session"];
    open.set(event.runId, {
      context,
      parentId: parent?.spanId,
      startMs: Date.parse(event.time),
      scope,
      provider: started?.engine ?? "",
      attributes: {
        [ATTRIBUTE.operation]: OPERATION.agent,
        [ATTRIBUTE.provider]: started?.engine,
        [ATTRIBUTE.agent]: AGENT,
        [ATTRIBUTE.conversation]: typeof session === "string" ? session : event.runId,
        [ATTRIBUTE.requestModel]: started?.model,
        [ATTRIBUTE.runId]: event.runId,
        [ATTRIBUTE.resumed]: started === undefined ? true : undefined,
        ...(settings.content && started !== undefined
          ? { [ATTRIBUTE.inputMessages]: messageText("user", started.task) }
          : {}),
      },
      arguments: new Map(),
      tools: new Map(),
    });
  }

  function end(runId: string, endMs: number, error: string | undefined, failure: string | undefined): void {
    const run = open.get(runId);
    if (run === undefined) return;
    open.delete(runId);
    if (run.scope?.span === run.context) delete run.scope.span;
    histograms.agent.observe(Math.max(0, endMs - run.startMs) / 1000, AGENT, error ?? "");
    sinks.span({
      context: run.context,
      ...(run.parentId === undefined ? {} : { parentId: run.parentId }),
      name: `${OPERATION.agent} ${AGENT}`,
      kind: KIND.internal,
      startMs: run.startMs,
      endMs,
      attributes: { ...run.attributes, [ATTRIBUTE.error]: error },
      ...(failure === undefined ? {} : { failure }),
    });
  }

  function finished(event: RunEvent & { type: "run.finished" }): void {
    const run = open.get(event.runId);
    if (run === undefined) return;
    Object.assign(run.attributes, {
      [ATTRIBUTE.stopReason]: event.stopReason,
      [ATTRIBUTE.steps]: event.steps,
      [ATTRIBUTE.inputTokens]: event.usage.input,
      [ATTRIBUTE.outputTokens]: event.usage.output,
      [ATTRIBUTE.cachedTokens]: event.usage.cached,
      ...(settings.content ? { [ATTRIBUTE.outputMessages]: messageText("assistant", event.text) } : {}),
    });
    end(event.runId, Date.parse(event.time), event.error?.class, event.error?.message.slice(0, 500));
  }

  function toolEnded(event: RunEvent & { type: "call.finished" }): void {
    const run = open.get(event.runId);
    const tool = run?.tools.get(event.callId);
    if (run === undefined || tool === undefined) return;
    run.tools.delete(event.callId);
    const error = event.ok ? undefined : "tool_error";
    histograms.tool.observe(event.ms / 1000, sinks.tools.admit(event.name), error ?? "");
    sinks.span({
      context: tool.context,
      parentId: run.context.spanId,
      name: `${OPERATION.tool} ${event.name}`,
      kind: KIND.internal,
      startMs: tool.startMs,
      endMs: tool.startMs + event.ms,
      attributes: {
        [ATTRIBUTE.operation]: OPERATION.tool,
        [ATTRIBUTE.provider]: run.provider === "" ? undefined : run.provider,
        [ATTRIBUTE.toolName]: event.name,
        [ATTRIBUTE.toolCallId]: event.callId,
        [ATTRIBUTE.toolType]: "function",
        [ATTRIBUTE.sandbox]: event.sandbox,
        [ATTRIBUTE.runId]: event.runId,
        [ATTRIBUTE.error]: error,
        ...(settings.content
          ? {
              [ATTRIBUTE.toolArguments]: run.arguments.get(event.callId),
              [ATTRIBUTE.toolResult]: bounded(event.content),
            }
          : {}),
      },
      // What a tool says of its failure is content.
      ...(event.ok ? {} : { failure: "The tool failed." }),
    });
    run.arguments.delete(event.callId);
  }

  return {
    event(event) {
      if (event.type === "run.started" || event.type === "run.resumed") begin(event);
      else if (event.type === "run.finished") finished(event);
      else if (event.type === "call.ready" && settings.content)
        open.get(event.runId)?.arguments.set(event.callId, bounded(JSON.stringify(event.arguments)));
      else if (event.type === "call.running") {
        const run = open.get(event.runId);
        run?.tools.set(event.callId, {
          context: newSpan(run.context, settings.sampling),
          startMs: Date.parse(event.time),
        });
      } else if (event.type === "call.finished") toolEnded(event);
    },
    // Let go of without an end: handed to another process, or lost to one.
    over: (runId) =>
      end(runId, sinks.now(), "interrupted", "The run goes on elsewhere, or waits to be taken up."),
  };
}

function messageText(role: string, content: string): string {
  return bounded(JSON.stringify([{ role, parts: [{ type: "text", content }] }]));
}
