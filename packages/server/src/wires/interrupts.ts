import { createHash } from "node:crypto";
import { RequestError } from "../problem.ts";
import type { OpenApproval } from "./run-log.ts";

/** A call that waits, named for clients that know nothing of our runs. */
export const interruptId = (runId: string, callId: string): string => `${runId}:${callId}`;

/** The run and the call of an interrupt. */
export function interruptOf(id: string): { runId: string; callId: string } {
  const at = id.indexOf(":");
  if (at > 0) return { runId: id.slice(0, at), callId: id.slice(at + 1) };
  throw new RequestError(400, `"${id}" is no approval of this service.`);
}

/** Decisions by call, of the one run that they are all of. */
export function byCall<T>(decisions: readonly (readonly [id: string, decision: T])[]): {
  runId: string;
  answers: Map<string, T>;
} {
  const answers = new Map<string, T>();
  let run = "";
  for (const [id, decision] of decisions) {
    const { runId, callId } = interruptOf(id);
    if (run !== "" && run !== runId) throw new RequestError(400, "The decisions are of several runs.");
    run = runId;
    answers.set(callId, decision);
  }
  return { runId: run, answers };
}

/** What exactly is approved: tells a person, or a program, that the call shown is the call that will run. */
export function fingerprint({ name, arguments: args }: OpenApproval): string {
  return createHash("sha256")
    .update(JSON.stringify([name, args]))
    .digest("hex");
}
