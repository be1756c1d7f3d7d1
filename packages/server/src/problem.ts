import {
  AuthenticationError,
  asHearthError,
  CancelledError,
  CapabilityError,
  ContextExceededError,
  EngineBusyError,
  EngineError,
  EngineRefusedError,
  EngineTimeoutError,
  EngineUnreachableError,
  HearthError,
  type JsonObject,
  ModelNotFoundError,
  NoModelError,
  StaleWriterError,
} from "hearth";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { DatabaseUnreachableError } from "./postgres/failures.ts";
import { DeadlineError, QueueFullError, WaitTimeoutError } from "./scheduler/index.ts";

/** What went wrong, before a wire puts it into its own words. */
export interface Failure {
  status: ContentfulStatusCode;
  /** `snake_case`, for programs. */
  code: string;
  message: string;
  /** What to do about it. */
  hint?: string;
  /** The field of the request. */
  param?: string;
  retryAfterS?: number;
}

/** A request that the service refuses, with the status it answers. */
export class RequestError extends HearthError {
  readonly failure: Failure;

  constructor(
    status: ContentfulStatusCode,
    message: string,
    options: { code?: string; param?: string; remedy?: string; retryAfterS?: number } = {},
  ) {
    super(message, options.remedy === undefined ? {} : { remedy: options.remedy });
    const { code = CODES[status] ?? "bad_request", param, retryAfterS } = options;
    this.failure = { status, code, message };
    if (param !== undefined) this.failure.param = param;
    if (retryAfterS !== undefined) this.failure.retryAfterS = retryAfterS;
  }
}

const CODES: Record<number, string> = { 404: "not_found", 409: "conflict", 501: "not_implemented" };

/** Seconds after which a busy engine is worth another try, where it does not say so itself. */
const RETRY_S = 2;

type ErrorShape = (failure: Failure) => JsonObject;

const own: ErrorShape = ({ code, message, hint, param }) => ({
  error: {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(param === undefined ? {} : { param }),
  },
});

const openai: ErrorShape = (failure) => ({
  error: {
    message: sentence(failure),
    type: failure.status >= 500 ? "server_error" : (OPENAI_TYPES[failure.status] ?? "invalid_request_error"),
    param: failure.param ?? null,
    code: failure.code === "bad_request" ? null : failure.code,
  },
});

const OPENAI_TYPES: Record<number, string> = {
  401: "authentication_error",
  403: "permission_error",
  429: "rate_limit_error",
};

const anthropic: ErrorShape = (failure) => ({
  type: "error",
  error: { type: ANTHROPIC_TYPES[failure.status] ?? "api_error", message: sentence(failure) },
});

const ANTHROPIC_TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  415: "invalid_request_error",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
};

const ollama: ErrorShape = (failure) => ({ error: sentence(failure) });

/** Which wire a path belongs to; the first row that fits counts. */
const SHAPES: readonly (readonly [path: RegExp, shape: ErrorShape])[] = [
  [/^\/v1\/messages(\/|$)/, anthropic],
  [/^\/v1(\/|$)/, openai],
  [/^\/api\/queue$/, own],
  [/^\/api(\/|$)/, ollama],
];

/** The body of an error in the words of the wire that the path belongs to. */
export function errorBody(path: string, failure: Failure): JsonObject {
  const shape = SHAPES.find(([prefix]) => prefix.test(path))?.[1] ?? own;
  return shape(failure);
}

/** Wires without a field for the remedy say it in the message. */
function sentence({ message, hint }: Failure): string {
  return hint === undefined ? message : `${message} ${hint}`;
}

/** An error as the path's wire answers it (interface.md, HTTP). */
export function problem(
  c: Context,
  status: ContentfulStatusCode,
  code: string,
  message: string,
  hint?: string,
  headers: Record<string, string> = {},
): Response {
  const failure: Failure = { status, code, message, ...(hint === undefined ? {} : { hint }) };
  return c.json(errorBody(c.req.path, failure), status, headers);
}

/** Any thrown value as the path's wire answers it. */
export function failed(c: Context, error: unknown): Response {
  const failure = failureOf(error);
  return refused(c, failure);
}

/** A failure as the path's wire answers it, with the headers that say how to go on. */
export function refused(c: Context, failure: Failure): Response {
  const headers: Record<string, string> = {};
  if (failure.status === 401) headers["www-authenticate"] = 'Bearer realm="hearth"';
  if (failure.retryAfterS !== undefined) headers["retry-after"] = String(failure.retryAfterS);
  return c.json(errorBody(c.req.path, failure), failure.status, headers);
}

type Rule = readonly [
  kind: abstract new (...args: never[]) => HearthError,
  status: ContentfulStatusCode,
  code: string,
];

/** Classes before those they extend. */
const RULES: readonly Rule[] = [
  [ModelNotFoundError, 404, "model_not_found"],
  [ContextExceededError, 400, "context_length_exceeded"],
  [CapabilityError, 400, "unsupported"],
  [AuthenticationError, 502, "engine_key_refused"],
  [EngineRefusedError, 400, "engine_refused"],
  [EngineBusyError, 503, "engine_busy"],
  [WaitTimeoutError, 503, "queue_timeout"],
  [DeadlineError, 504, "deadline_exceeded"],
  [EngineTimeoutError, 504, "engine_timeout"],
  [EngineUnreachableError, 502, "engine_unreachable"],
  [NoModelError, 503, "no_model"],
  [EngineError, 502, "engine_error"],
  [CancelledError, 503, "cancelled"],
  [StaleWriterError, 409, "driven_elsewhere"],
  [DatabaseUnreachableError, 503, "journal_unavailable"],
];

/** Any thrown value as a failure with its status. */
export function failureOf(error: unknown): Failure {
  const known = asHearthError(error);
  if (known instanceof RequestError) return withRemedy(known.failure, known);
  if (known instanceof QueueFullError) {
    const { message, retryAfterS } = known;
    const status = known.reason === "share" ? 429 : 503;
    return withRemedy({ status, code: "queue_full", message, retryAfterS }, known);
  }
  const [, status, code] = RULES.find(([kind]) => known instanceof kind) ?? [
    HearthError,
    500,
    "internal_error",
  ];
  const failure: Failure = { status, code, message: known.message };
  if (known instanceof EngineError && known.retryAfterMs !== undefined)
    failure.retryAfterS = Math.ceil(known.retryAfterMs / 1000);
  else if (status === 503) failure.retryAfterS = RETRY_S;
  return withRemedy(failure, known);
}

function withRemedy(failure: Failure, { remedy }: HearthError): Failure {
  return remedy === undefined ? failure : { ...failure, hint: remedy };
}
