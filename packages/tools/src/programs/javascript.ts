import type { Tool } from "hearth";
import { interpret } from "../interpreters/index.ts";
import { nodeLoader } from "../packages/index.ts";
import { LIMITS, NODE_INSIDE } from "../sandbox/index.ts";
import { interpreted } from "./python.ts";
import {
  answering,
  OUTER_TIMEOUT_MS,
  READS,
  type Setup,
  TIMEOUT,
  textOf,
  timeoutOf,
  told,
} from "./shared.ts";

const MAX_CODE = 200_000;

/** Code that asks for a module: QuickJS has none. */
const NEEDS_MODULES = /\brequire\s*\(|^\s*import\b|\bimport\s*\(/m;

/** JavaScript in QuickJS: the language and `console`; nothing of this machine, so what it reads is never private. Code that
 * asks for modules runs in Node in the sandbox where packages were installed, and sees these but not the workspace. */
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
        const { sandbox, packages } = setup;
        const modules = packages?.node;
        if (
          sandbox?.egress === true &&
          packages !== undefined &&
          modules !== undefined &&
          NEEDS_MODULES.test(code)
        ) {
          const result = await sandbox.run({
            workspace: packages.of("npm"),
            pipeline: [{ argv: [NODE_INSIDE, "--import", nodeLoader(modules), "--input-type=module", "-"] }],
            show: { [process.execPath]: NODE_INSIDE },
            stdin: code,
            reserveMb: 2048,
            limits: { ...setup.limits, timeoutMs },
            signal: context.signal,
            onOutput: (text) => context.output(text),
          });
          return told(result, timeoutMs, setup.limits);
        }
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
