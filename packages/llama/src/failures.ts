import {
  ContextExceededError,
  type EngineError,
  EngineFailedError,
  EngineRefusedError,
  NoModelError,
} from "hearth";
import type { AnswerReply, ChildGone } from "./child-process.ts";

/** What the child says went wrong, as the error the rest of Hearth knows. */
export function asEngineError(
  reply: Extract<AnswerReply, { type: "error" }>,
  context: { model: string; window: number },
  lastWords = "",
): EngineError {
  const { model, window } = context;
  if (reply.fault === "context") {
    const counts = reply.promptTokens === undefined ? {} : { promptTokens: reply.promptTokens };
    return new ContextExceededError(
      `The prompt has ${reply.promptTokens} tokens, the window of ${model} holds ${window}, with one left for the answer.`,
      {
        ...counts,
        windowTokens: window,
        remedy: "Shorten the conversation, or open a larger window (--context).",
      },
    );
  }
  if (reply.fault === "grammar") {
    return new EngineRefusedError(
      `The grammar can't be used: ${lastWords === "" ? reply.message : lastWords}`,
      {
        remedy: "Correct the GBNF; its first rule must be named root.",
      },
    );
  }
  if (reply.fault === "refused")
    return new EngineRefusedError(`The embedded engine refused: ${reply.message}.`);
  return new EngineFailedError(`The embedded engine failed: ${reply.message}.`, {
    remedy: "Try again; if it stays so, use a smaller window or another model.",
  });
}

/** The child process ended. The next request starts a new one. */
export function gone(child: ChildGone, when: string): EngineError {
  return new EngineFailedError(`The embedded engine's process ${child.message}, ${when}.`, {
    cause: child,
    remedy: "Try again: a new process is started.",
  });
}

/** The model could not be opened. */
export function notOpened(why: string, model: string, cause: unknown): EngineError {
  if (/no memory|alloc/i.test(why)) {
    return new EngineFailedError(`${model} could not be opened: ${why}.`, {
      cause,
      remedy: "Free some memory, or open a smaller window (--context).",
    });
  }
  if (/dlopen|ERR_DLOPEN|compute backend|cannot open shared object|GLIBC/i.test(why)) {
    return new NoModelError(`The embedded engine's native part can't be loaded here: ${why}.`, {
      cause,
      remedy: "Run `hearth engine install`, or use a server such as Ollama.",
    });
  }
  return new EngineRefusedError(`${model} could not be opened: ${why}.`, {
    cause,
    remedy: "Use another GGUF file: this one is damaged, or of a kind this engine does not know.",
  });
}
