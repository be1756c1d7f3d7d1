import type { JsonObject, Outcome, RunEvent } from "hearth";
import { interruptId } from "../interrupts.ts";

type Kind = "text" | "reasoning";

/** Our events as chunks of an AI SDK UI message stream. Tools are the server's own: `dynamic`, and executed by the provider. */
export class UiTranslator {
  #open: { kind: Kind; id: string } | undefined;
  #count = 0;
  #step = false;
  #text = "";
  readonly #refused = new Set<string>();

  take(event: RunEvent): JsonObject[] {
    switch (event.type) {
      case "step.started":
        this.#step = true;
        this.#text = "";
        return [{ type: "start-step" }];
      case "step.discarded":
        return [...this.#close(), { type: "reset-step" }];
      case "step.finished":
        return this.#close();
      case "text.delta":
        this.#text += event.text;
        return this.#grow("text", event.text);
      case "thinking.delta":
        return this.#grow("reasoning", event.text);
      case "call.started":
        return [
          ...this.#close(),
          { type: "tool-input-start", toolCallId: event.callId, toolName: event.name, ...OURS },
        ];
      case "call.delta":
        return [{ type: "tool-input-delta", toolCallId: event.callId, inputTextDelta: event.text }];
      case "call.ready": {
        const { callId: toolCallId, name: toolName, arguments: input } = event;
        return [{ type: "tool-input-available", toolCallId, toolName, input, ...OURS }];
      }
      case "call.invalid": {
        const { callId: toolCallId, name: toolName, arguments: input = {}, message: errorText } = event;
        return [{ type: "tool-input-error", toolCallId, toolName, input, errorText, ...OURS }];
      }
      case "call.output":
        return [{ type: "data-call-output", id: event.callId, data: { text: event.text }, transient: true }];
      case "call.finished":
        return [this.#result(event)];
      case "approval.requested": {
        const { runId, callId: toolCallId, why: reason } = event;
        return [
          { type: "tool-approval-request", approvalId: interruptId(runId, toolCallId), toolCallId, reason },
        ];
      }
      case "approval.given":
        if (event.decision === "refuse") this.#refused.add(event.callId);
        return [];
      case "wait.started":
      case "wait.ended":
      case "engine.retried":
      case "context.compacted":
      case "notice": {
        const { seq: _, runId: __, time: ___, type, ...data } = event;
        return [{ type: `data-${type.replace(".", "-")}`, data: data as JsonObject, transient: true }];
      }
      case "run.finished":
        return this.#finish(event);
      default:
        return [];
    }
  }

  #result({ callId: toolCallId, ok, content }: Extract<RunEvent, { type: "call.finished" }>): JsonObject {
    if (this.#refused.has(toolCallId)) return { type: "tool-output-denied", toolCallId };
    if (ok) return { type: "tool-output-available", toolCallId, output: content, ...OURS };
    return { type: "tool-output-error", toolCallId, errorText: content, ...OURS };
  }

  #finish({ stopReason, text, error, usage }: Extract<RunEvent, { type: "run.finished" }>): JsonObject[] {
    const chunks: JsonObject[] = this.#close();
    const failed = stopReason === "engine_error";
    if (failed) chunks.push({ type: "error", errorText: error?.message ?? text });
    else if (stopReason === "cancelled") chunks.push({ type: "abort", reason: "cancelled" });
    // A run that waits shows its calls; a hand-off says in words what was reached.
    else if (stopReason !== "waiting" && text.trim() !== this.#text.trim())
      chunks.push(...this.#grow("text", text), ...this.#close());
    if (this.#step) chunks.push({ type: "finish-step" });
    const messageMetadata = { stopReason, usage: { ...usage } };
    return [...chunks, { type: "finish", finishReason: finishReason(stopReason), messageMetadata }];
  }

  #grow(kind: Kind, delta: string): JsonObject[] {
    const chunks: JsonObject[] = [];
    if (this.#open?.kind !== kind) {
      chunks.push(...this.#close());
      this.#open = { kind, id: `${kind}-${++this.#count}` };
      chunks.push({ type: `${kind}-start`, id: this.#open.id });
    }
    chunks.push({ type: `${kind}-delta`, id: this.#open!.id, delta });
    return chunks;
  }

  #close(): JsonObject[] {
    const open = this.#open;
    if (open === undefined) return [];
    this.#open = undefined;
    return [{ type: `${open.kind}-end`, id: open.id }];
  }
}

const OURS = { dynamic: true, providerExecuted: true };

const CUT: ReadonlySet<Outcome["stopReason"]> = new Set(["max_steps", "budget", "context", "timeout"]);

function finishReason(reason: Outcome["stopReason"]): string {
  if (reason === "answer") return "stop";
  if (reason === "waiting") return "tool-calls";
  if (reason === "engine_error") return "error";
  if (reason === "cancelled") return "interrupted";
  return CUT.has(reason) ? "length" : "other";
}
