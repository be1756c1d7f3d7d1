import { randomBytes } from "node:crypto";
import type { SpanContext } from "../observe/scope.ts";
import type { Sampling } from "./env.ts";

const hex = (bytes: number): string => randomBytes(bytes).toString("hex");

/** A span below `parent`, or one that begins a trace. */
export function newSpan(parent: SpanContext | undefined, sampling: Sampling): SpanContext {
  const traceId = parent?.traceId ?? hex(16);
  const sampled = parent !== undefined && sampling.parent ? parent.sampled : isKept(traceId, sampling.share);
  return { traceId, spanId: hex(8), sampled };
}

/** The same trace is kept or not by whoever is asked: its id decides. */
function isKept(traceId: string, share: number): boolean {
  if (share >= 1) return true;
  return Number.parseInt(traceId.slice(-13), 16) < share * 2 ** 52;
}
