import type { ErrorInfo } from "./outcome.ts";

export interface ErrorOptions {
  /** What to do about it, as one sentence. */
  remedy?: string;
  cause?: unknown;
}

/** Root of every error that Hearth raises. The message says what happened and why, `remedy` what to do. */
export class HearthError extends Error {
  /** Exit code of the command when this error ends it (interface.md). */
  readonly exitCode: number = 1;
  readonly remedy?: string;

  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    if (options.remedy !== undefined) this.remedy = options.remedy;
  }
}

/** A fault in Hearth itself. */
export class InternalError extends HearthError {}

/** The command or the library was used wrongly: an unknown flag, a missing argument. */
export class UsageError extends HearthError {
  override readonly exitCode: number = 2;
}

/** A setting is unknown, of the wrong type, or not allowed where it stands. */
export class ConfigError extends UsageError {}

/** A tool can't be described or loaded: unreadable module, unknown parameter type. */
export class ToolDefinitionError extends UsageError {}

export interface EngineErrorOptions extends ErrorOptions {
  /** HTTP status, where there was one. */
  status?: number;
  /** How long the engine asked to wait (`Retry-After`). */
  retryAfterMs?: number;
}

/** The engine failed. `transient` says whether the same request may succeed a little later. */
export class EngineError extends HearthError {
  override readonly exitCode: number = 4;
  readonly transient: boolean = false;
  readonly status?: number;
  readonly retryAfterMs?: number;

  constructor(message: string, options: EngineErrorOptions = {}) {
    super(message, options);
    if (options.status !== undefined) this.status = options.status;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}

/** No connection: nothing listens there, or it went away before it answered. */
export class EngineUnreachableError extends EngineError {
  override readonly transient: boolean = true;
}

/** 429, 503, or a model that is still loading. */
export class EngineBusyError extends EngineError {
  override readonly transient: boolean = true;
}

/** A failure inside the engine that a repeat may get past: a runner that died, memory short while loading. */
export class EngineFailedError extends EngineError {
  override readonly transient: boolean = true;
}

/** The stream ended without its end mark, or carried an error in its middle. */
export class StreamCutError extends EngineError {
  override readonly transient: boolean = true;
}

/** The engine was silent for longer than allowed. */
export class EngineTimeoutError extends EngineError {}

/** The engine refused the request, and would refuse it again. */
export class EngineRefusedError extends EngineError {}

/** The engine does not have this model. */
export class ModelNotFoundError extends EngineRefusedError {}

/** The model can't do what was asked of it: tools, thinking, images. */
export class CapabilityError extends EngineRefusedError {}

/** A key is missing or wrong. */
export class AuthenticationError extends EngineRefusedError {}

/** No engine and no model can be found or made ready. */
export class NoModelError extends EngineError {}

/** The prompt does not fit the window. */
export class ContextExceededError extends EngineError {
  override readonly exitCode: number = 3;
  /** Tokens of the prompt, where the engine says so. */
  readonly promptTokens?: number;
  /** Tokens of the window, where the engine says so. */
  readonly windowTokens?: number;

  constructor(
    message: string,
    options: EngineErrorOptions & { promptTokens?: number; windowTokens?: number } = {},
  ) {
    super(message, options);
    if (options.promptTokens !== undefined) this.promptTokens = options.promptTokens;
    if (options.windowTokens !== undefined) this.windowTokens = options.windowTokens;
  }
}

/** A file could not be fetched, or is not the file it should be. */
export class DownloadError extends EngineError {}

/** A tool failed; its message is meant for the model. */
export class ToolError extends HearthError {}

export class ToolTimeoutError extends ToolError {}

/** Somebody asked to stop. */
export class CancelledError extends HearthError {
  override readonly exitCode: number = 130;
}

/** The journal could not be written or read. */
export class JournalError extends HearthError {}

/** Another process drives this run: its lease is newer. */
export class StaleWriterError extends JournalError {}

/** Any thrown value as a `HearthError`; what is none of ours becomes an `InternalError` with its cause. */
export function asHearthError(error: unknown): HearthError {
  if (error instanceof HearthError) return error;
  return new InternalError(error instanceof Error ? error.message : String(error), { cause: error });
}

/** An error as it stands in an event. */
export function errorInfo(error: unknown): ErrorInfo {
  const own = asHearthError(error);
  const info: ErrorInfo = { class: own.name, message: own.message };
  if (own.remedy !== undefined) info.remedy = own.remedy;
  const causes: string[] = [];
  for (let cause = own.cause, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (cause.message !== "" && cause.message !== own.message) causes.push(cause.message);
  }
  if (causes.length > 0) info.causes = causes;
  return info;
}
