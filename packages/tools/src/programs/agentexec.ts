import { type JsonObject, type Tool, ToolError, type ToolResult } from "hearth";
import { judgeShell } from "../judge/index.ts";
import { NODE_FOLDER, NODE_INSIDE, type RunRequest, type RunResult } from "../sandbox/index.ts";
import {
  answering,
  CHANGES,
  OUTER_TIMEOUT_MS,
  READS,
  type SandboxedSetup,
  TIMEOUT,
  textOf,
  timeoutOf,
} from "./shared.ts";
import { folderOf } from "./shell.ts";

const MAX_CODE = 100_000;

/** How each language is started with code from its input; Go wants a file, which it finds in the private /tmp. */
const LANGUAGES: Readonly<
  Record<string, Pick<RunRequest, "pipeline" | "show" | "path" | "reserveMb" | "env">>
> = {
  python: { pipeline: [{ argv: ["python3", "-I", "-B", "-X", "utf8", "-"] }] },
  node: {
    pipeline: [{ argv: [NODE_INSIDE, "--input-type=module", "-"] }],
    show: { [process.execPath]: NODE_INSIDE },
    path: [NODE_FOLDER],
    reserveMb: 2048,
  },
  go: {
    // Fixed words of ours; the code itself comes by the input and is never read by the shell.
    pipeline: [{ argv: ["sh", "-c", "cat > /tmp/main.go && exec go run /tmp/main.go"] }],
    env: {
      GOCACHE: "/tmp/go-cache",
      GOPATH: "/tmp/go",
      GOFLAGS: "-mod=mod",
      GOTOOLCHAIN: "local",
      GOPROXY: "off",
    },
    reserveMb: 2048,
  },
};

/**
 * The tools of AgentExecMCP by their names, arguments and results (`stdout, stderr, exit_code, duration, success`), with our judge and our
 * sandbox behind them. `install_package` is not among them: the sandbox has no network.
 */
export function agentExecTools(setup: SandboxedSetup): Tool[] {
  const tool = (
    name: string,
    description: string,
    properties: JsonObject,
    required: string[],
    more: Partial<Tool>,
    run: Tool["run"],
  ): Tool => ({
    name,
    description,
    parameters: { type: "object", properties, required, additionalProperties: false },
    ...READS,
    timeoutMs: OUTER_TIMEOUT_MS,
    ...more,
    run,
  });
  return [
    tool(
      "shell",
      "Run a shell command of listed programs, with pipes. No network.",
      {
        command: { type: "string", description: "The command." },
        timeout: TIMEOUT,
        cwd: { type: "string", description: "The folder to start in." },
      },
      ["command"],
      CHANGES,
      (args, context) =>
        answering(async () => {
          const judged = await judgeShell(textOf(args, "command", 8000), {
            mode: "pipeline",
            workspace: setup.workspace.root,
            rules: setup.rules,
          });
          if (judged.verdict === "deny" || judged.plan === undefined)
            throw new ToolError(`Not run: ${judged.reason}`);
          if (judged.plan.length > 1) throw new ToolError("Not run: one command or pipe at a time.");
          return await run(setup, args, context, {
            pipeline: judged.plan[0]?.pipeline ?? [],
            cwd: folderOf(setup.workspace, args),
            writable: judged.verdict === "ask",
          });
        }),
    ),
    tool(
      "execute_code",
      "Run code in Python, JavaScript (Node) or Go. It reads the workspace, but can't write it; no network.",
      {
        code: { type: "string", description: "The code." },
        language: { type: "string", enum: Object.keys(LANGUAGES) },
        timeout: TIMEOUT,
      },
      ["code", "language"],
      {},
      (args, context) =>
        answering(async () => {
          const language = textOf(args, "language", 20);
          const start = Object.hasOwn(LANGUAGES, language) ? LANGUAGES[language] : undefined;
          if (start === undefined)
            throw new ToolError(`There is no language "${language}".`, {
              remedy: `There are: ${Object.keys(LANGUAGES).join(", ")}.`,
            });
          return await run(setup, args, context, { ...start, stdin: textOf(args, "code", MAX_CODE) });
        }),
    ),
  ];
}

async function run(
  setup: SandboxedSetup,
  args: JsonObject,
  context: { signal: AbortSignal; output(text: string): void },
  request: Omit<RunRequest, "workspace">,
): Promise<ToolResult> {
  const result = await setup.sandbox.run({
    workspace: setup.workspace.root,
    ...request,
    limits: { ...setup.limits, timeoutMs: timeoutOf(args, setup.limits) },
    signal: context.signal,
    onOutput: (text) => context.output(text),
  });
  return answer(result);
}

function answer(result: RunResult): ToolResult {
  const { stdout, stderr, exitCode, ms, limit, sandbox } = result;
  const success = exitCode === 0 && limit === undefined;
  const told: JsonObject = { stdout, stderr, exit_code: exitCode, duration: ms / 1000, success };
  if (limit !== undefined) told["limit"] = limit;
  return { ok: success, content: JSON.stringify(told), details: { ...told, sandbox } };
}
