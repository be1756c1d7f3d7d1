import type { Tool } from "hearth";
import { interpret } from "../interpreters/index.ts";
import { LIMITS } from "../sandbox/index.ts";
import { interpreted } from "./python.ts";
import { answering, OUTER_TIMEOUT_MS, READS, type Setup, TIMEOUT, textOf, timeoutOf } from "./shared.ts";

const MAX_CODE = 200_000;

/** JavaScript in QuickJS: the language and `console`; nothing of this machine, so what it reads is never private. */
export function runJavaScript(setup: Setup): Tool {
  return {
    name: "run_javascript",
    description:
      "Run JavaScript code and show what it logs and the value of its last line. The language only: no files, no network, no require.",
    parameters: {
      type: "object",
      properties: { code: { type: "string", description: "The JavaScript code." }, timeout: TIMEOUT },
      required: ["code"],
      additionalProperties: false,
    },
    ...READS,
    reads: "public",
    timeoutMs: OUTER_TIMEOUT_MS,
    run: (args, context) =>
      answering(async () => {
        const code = textOf(args, "code", MAX_CODE);
        const timeoutMs = timeoutOf(args, setup.limits);
        const limits = { ...LIMITS, ...setup.limits };
        const result = await interpret(
          {
            language: "javascript",
            code,
            timeoutMs,
            memoryMb: Math.min(limits.memoryMb, 128),
            outputChars: limits.outputChars,
          },
          context.signal,
        );
        return interpreted(result, timeoutMs, setup, true);
      }),
  };
}
