import { createHash } from "node:crypto";
import type { JsonObject } from "../protocol/index.ts";

export interface ApprovalRequest {
  runId: string;
  callId: string;
  name: string;
  arguments: JsonObject;
  why: string;
  /** `approvalHash` of the call: what an approval is good for. */
  hash: string;
}

/** `arguments`: what to run instead, edited by the person; checked like the model's own. */
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

/** A call in a form in which the order of keys does not matter: equal calls have equal keys. */
export function callKey(name: string, args: unknown): string {
  return name + stable(args);
}

/** Binds an approval to one call: SHA-256 of its name and arguments, 32 hexadecimal digits of it. */
export function approvalHash(name: string, args: JsonObject): string {
  return createHash("sha256").update(callKey(name, args)).digest("hex").slice(0, 32);
}

function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const parts = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${parts.map(([key, item]) => `${JSON.stringify(key)}:${stable(item)}`).join(",")}}`;
}
