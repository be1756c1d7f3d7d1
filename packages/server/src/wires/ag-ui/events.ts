import type { JsonObject, RunEvent } from "hearth";
import { fingerprint, interruptId } from "../interrupts.ts";
import type { OpenApproval } from "../run-log.ts";
import type { AgUiBody } from "./schema.ts";

export interface AgUiEvent extends JsonObject {
  type: string;
}

type Kind = "text" | "reasoning";

/** Our events as AG-UI's. What is begun is always ended: its clients refuse a stream that leaves something open. */
export class AgUiTranslator {
  readonly #threadId: string;
  readonly #runId: string;
  /** All messages of the thread, for the snapshots that void a discarded step and go before an interrupt. */
  readonly #messages: JsonObject[];
  /** Of the step that is going on; they count once it is finished. */
  #fresh: JsonObject[] = [];
  readonly #approvals = new Map<string, OpenApproval>();
  #open: { kind: Kind; id: string; text: string } | undefined;
  #step: string | undefined;
  #count = 0;
  #lastText = "";

  constructor({ threadId, runId, messages }: AgUiBody) {
    this.#threadId = threadId;
    this.#runId = runId;
    this.#messages = messages.map((message) => ({ ...message, content: message.content ?? "" }));
  }

  /** `ownRunId`: ours, where there is a run. */
  begin(ownRunId?: string): AgUiEvent[] {
    const metadata = ownRunId === undefined ? {} : { metadata: { hearthRunId: ownRunId } };
    return [{ type: "RUN_STARTED", ...this.#names, protocolVersion: "1.0", ...metadata }];
  }

  get #names(): { threadId: string; runId: string } {
    return { threadId: this.#threadId, runId: this.#runId };
  }

  take(event: RunEvent): AgUiEvent[] {
    switch (event.type) {
      case "step.started":
        this.#step = `step ${event.step}`;
        return [{ type: "STEP_STARTED", stepName: this.#step }];
      case "step.finished":
        return this.#endStep(true);
      case "step.discarded":
        // What was shown of it is taken back: the thread is what it was before.
        return [...this.#endStep(false), this.#snapshot()];
      case "text.delta":
        return this.#grow("text", event.text);
      case "thinking.delta":
        return this.#grow("reasoning", event.text);
      case "call.ready":
        return [...this.#close(), ...this.#call(event.callId, event.name, event.arguments)];
      case "call.invalid":
        return [
          ...this.#close(),
          ...this.#call(event.callId, event.name, event.arguments ?? {}),
          this.#result(event.callId, event.message),
        ];
      case "call.finished":
        this.#approvals.delete(event.callId);
        return [this.#result(event.callId, event.content)];
      case "approval.requested": {
        const { callId, name, arguments: args, why } = event;
        this.#approvals.set(callId, { callId, name, arguments: args, why });
        return [];
      }
      case "approval.given":
        this.#approvals.delete(event.callId);
        return [];
      case "call.output":
      case "wait.started":
      case "wait.ended":
      case "engine.retried":
      case "context.compacted":
      case "context.truncated":
      case "guard.tripped":
      case "notice": {
        const { seq: _, runId: __, time: ___, type: name, ...value } = event;
        return [{ type: "CUSTOM", name: `hearth.${name}`, value: value as JsonObject }];
      }
      case "run.finished":
        return this.#finish(event);
      default:
        return [];
    }
  }

  #finish(event: Extract<RunEvent, { type: "run.finished" }>): AgUiEvent[] {
    const events = this.#endStep(true);
    const { stopReason, text, usage, error } = event;
    if (stopReason === "engine_error")
      return [
        ...events,
        { type: "RUN_ERROR", message: error?.message ?? text, code: error?.class ?? stopReason },
      ];
    const tokens = {
      inputTokens: usage.input,
      outputTokens: usage.output,
      ...(usage.cached === undefined ? {} : { cachedInputTokens: usage.cached }),
    };
    const end = { type: "RUN_FINISHED", ...this.#names, usage: [tokens] };
    if (stopReason === "waiting") {
      const interrupts = [...this.#approvals.values()].map((approval) => interruptOf(event.runId, approval));
      return [...events, this.#snapshot(), { ...end, outcome: { type: "interrupt", interrupts } }];
    }
    if (text.trim() !== this.#lastText.trim()) events.push(...this.#grow("text", text), ...this.#close());
    if (stopReason === "cancelled") return [...events, { ...end, outcome: { type: "cancelled" } }];
    return [...events, { ...end, outcome: { type: "success" }, result: { text, stopReason } }];
  }

  #endStep(keep: boolean): AgUiEvent[] {
    const events = this.#close();
    if (this.#step !== undefined) events.push({ type: "STEP_FINISHED", stepName: this.#step });
    this.#step = undefined;
    if (keep) this.#messages.push(...this.#fresh);
    this.#fresh = [];
    return events;
  }

  #snapshot(): AgUiEvent {
    return { type: "MESSAGES_SNAPSHOT", messages: [...this.#messages, ...this.#fresh] };
  }

  #newId(): string {
    return `${this.#runId}-${++this.#count}`;
  }

  #grow(kind: Kind, text: string): AgUiEvent[] {
    const events: AgUiEvent[] = [];
    if (this.#open?.kind !== kind) {
      events.push(...this.#close());
      const messageId = this.#newId();
      this.#open = { kind, id: messageId, text: "" };
      if (kind === "text") events.push({ type: "TEXT_MESSAGE_START", messageId, role: "assistant" });
      else
        events.push(
          { type: "REASONING_START", messageId },
          { type: "REASONING_MESSAGE_START", messageId, role: "reasoning" },
        );
    }
    const open = this.#open!;
    open.text += text;
    const type = kind === "text" ? "TEXT_MESSAGE_CONTENT" : "REASONING_MESSAGE_CONTENT";
    if (text !== "") events.push({ type, messageId: open.id, delta: text });
    return events;
  }

  #close(): AgUiEvent[] {
    const open = this.#open;
    if (open === undefined) return [];
    this.#open = undefined;
    const { id, text: content } = open;
    if (open.kind === "text") {
      this.#lastText = content;
      this.#fresh.push({ id, role: "assistant", content });
      return [{ type: "TEXT_MESSAGE_END", messageId: id }];
    }
    this.#fresh.push({ id, role: "reasoning", content });
    return [
      { type: "REASONING_MESSAGE_END", messageId: id },
      { type: "REASONING_END", messageId: id },
    ];
  }

  /** A call leaves whole: its name and arguments may have been mended, and what is sent can't be taken back. */
  #call(toolCallId: string, name: string, args: JsonObject): AgUiEvent[] {
    const last = this.#fresh.at(-1);
    const parent = last?.["role"] === "assistant" ? last : { id: this.#newId(), role: "assistant" };
    if (parent !== last) this.#fresh.push(parent);
    const call: JsonObject = {
      id: toolCallId,
      type: "function",
      function: { name, arguments: JSON.stringify(args) },
    };
    const before = Array.isArray(parent["toolCalls"]) ? parent["toolCalls"] : [];
    parent["toolCalls"] = [...before, call];
    const parentMessageId = parent["id"];
    return [
      { type: "TOOL_CALL_START", toolCallId, toolCallName: name, parentMessageId },
      { type: "TOOL_CALL_ARGS", toolCallId, delta: JSON.stringify(args) },
      { type: "TOOL_CALL_END", toolCallId },
    ];
  }

  #result(toolCallId: string, content: string): AgUiEvent {
    const messageId = this.#newId();
    const message = { id: messageId, role: "tool", toolCallId, content };
    // While the step goes on its own message comes first.
    if (this.#step === undefined) this.#messages.push(message);
    else this.#fresh.push(message);
    return { type: "TOOL_CALL_RESULT", messageId, toolCallId, content, role: "tool" };
  }
}

function interruptOf(runId: string, approval: OpenApproval): JsonObject {
  const { callId, name, arguments: args, why } = approval;
  return {
    id: interruptId(runId, callId),
    reason: "tool_call",
    message: why,
    toolCallId: callId,
    responseSchema: {
      type: "object",
      properties: { approved: { type: "boolean" }, editedArgs: { type: "object" } },
      required: ["approved"],
    },
    metadata: { name, arguments: args, fingerprint: fingerprint(approval) },
  };
}
