import { AsyncLocalStorage } from "node:async_hooks";

/** Where a span stands, in the terms of W3C Trace Context (level 1). */
export interface SpanContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  sampled: boolean;
}

/** What all work for one request, or one command, has in common. */
export interface Scope {
  /** From whoever asked. */
  parent?: SpanContext;
  tracestate?: string;
  /** The span under which work happens now: the run's, once it has begun. */
  span?: SpanContext;
  /** The run that was begun, or gone on with, for it. */
  runId?: string;
  /** Its answer is a stream of events. */
  stream?: boolean;
  /** Whose work it is; known only once the request has passed its guard. */
  tenant?: () => string;
}

const scopes = new AsyncLocalStorage<Scope>();

/** Runs `body` and all that it starts in this scope. */
export function within<T>(scope: Scope, body: () => T): T {
  return scopes.run(scope, body);
}

/** Runs `body` in the scope that is there, or in a new one: what nobody asked for over HTTP, such as a run that is taken up, is one too. */
export function scoped<T>(body: () => T): T {
  return scopes.getStore() === undefined ? scopes.run({}, body) : body();
}

/** The scope of what runs now. */
export function currentScope(): Scope | undefined {
  return scopes.getStore();
}

const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/** Reads a `traceparent` header; `undefined` for one that can't be: a trace is then begun anew, as the standard says. */
export function readTraceparent(header: string | undefined): SpanContext | undefined {
  const found = TRACEPARENT.exec(header?.trim() ?? "");
  if (found === null) return undefined;
  const [, version = "", traceId = "", spanId = "", flags = "", rest] = found;
  const zero = /^0+$/;
  if (version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  if (zero.test(traceId) || zero.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function writeTraceparent({ traceId, spanId, sampled }: SpanContext): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/** The scope of a request with these headers. */
export function scopeOf(traceparent: string | undefined, tracestate: string | undefined): Scope {
  const parent = readTraceparent(traceparent);
  if (parent === undefined) return {};
  // Longer than the standard asks anybody to pass on: left out whole, never cut.
  const state = tracestate === undefined || tracestate.length > 512 ? {} : { tracestate };
  return { parent, ...state };
}
