import type { JsonObject, Tool } from "../protocol/index.ts";

export interface PolicyRequest {
  tool: Tool;
  arguments: JsonObject;
}

export type Verdict = { verdict: "allow" } | { verdict: "ask" | "deny"; why: string };

/** Decides whether a call may run. Pure: what it needs of the outside is in the request. */
export type Policy = (request: PolicyRequest) => Verdict;

/** Looking is free; whatever changes something is asked for. */
export const defaultPolicy: Policy = ({ tool }) => {
  const effect = tool.effect ?? "once";
  if (effect === "none") return { verdict: "allow" };
  const declared =
    tool.effect === undefined ? "does not say that it only looks" : `has the effect "${effect}"`;
  return { verdict: "ask", why: `${tool.name} ${declared}.` };
};

export interface ApprovalRequest {
  runId: string;
  callId: string;
  name: string;
  arguments: JsonObject;
  why: string;
}

/** `arguments`: what to run instead, edited by the person. */
export interface ApprovalAnswer {
  decision: "approve" | "refuse";
  by: string;
  arguments?: JsonObject;
}

/**
 * Who answers when the policy asks: `auto` says yes, `never` says no, `ask` leaves the run waiting,
 * a function asks somebody now; `undefined` from it leaves the run waiting too.
 */
export type Approver =
  | "ask"
  | "auto"
  | "never"
  | ((request: ApprovalRequest, signal: AbortSignal) => Promise<ApprovalAnswer | undefined>);
