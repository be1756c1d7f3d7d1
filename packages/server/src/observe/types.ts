import type { ChatRequest, CompletionRequest, EngineEvent, FinishReason, RunEvent, Usage } from "hearth";
import type { Scope } from "./scope.ts";

/** One question to an engine, as it leaves for it: what waits in line has not left. */
export interface Ask {
  kind: "chat" | "completion";
  engine: string;
  address: string;
  model: string;
  request: ChatRequest | CompletionRequest;
  /** Of the HTTP request or command behind it. */
  scope: Scope | undefined;
}

/** How a question ended. */
export interface AskEnd {
  /** `left`: whoever asked went away, or had enough. */
  how: "whole" | "failed" | "left";
  ms: number;
  /** Until the first piece of text, thinking or call; absent where none came. */
  firstMs?: number;
  reason?: FinishReason;
  usage?: Usage;
  error?: unknown;
}

/** Follows one question. */
export interface AskWatch {
  event?(event: EngineEvent): void;
  end(end: AskEnd): void;
  /** Trace context that the engine is to go on with. */
  traceparent?: string;
}

/** One HTTP request and its answer, over. */
export interface Exchange {
  method: string;
  /** As it was mounted, for example `/agent/runs/:id`; empty where no route fits. */
  route: string;
  status: number;
  ms: number;
  /** The client went away before the answer was whole. */
  left: boolean;
  tenant: string;
  runId?: string;
  traceId?: string;
}

/** Who wants to know what the service does. Must be quick and must not throw. */
export interface Observer {
  ask?(ask: Ask): AskWatch | undefined;
  /** Each event of each run driven here, after it is in the journal. */
  event?(event: RunEvent): void;
  /** A run is let go of, however it went. */
  over?(runId: string): void;
  exchange?(exchange: Exchange): void;
}
