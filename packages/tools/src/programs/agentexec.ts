import { type JsonObject, type Tool, ToolError, type ToolResult } from "hearth";
import { judgeShell } from "../judge/index.ts";
import { goEnvironment, goToolchain, nodeLoader } from "../packages/index.ts";
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
  unconfined,
} from "./shared.ts";
import { folderOf } from "./shell.ts";

const MAX_CODE = 100_000;

type Started = Pick<RunRequest, "pipeline" | "show" | "path" | "reserveMb" | "env">;

/** How each language is started with code from its input; Go wants a file, which it finds in the private /tmp. */
const LANGUAGES: Readonly<Record<string, (setup: SandboxedSetup) => Started>> = {
  python: ({ packages }) => ({
    pipeline: [{ argv: ["python3", "-I", "-B", "-X", "utf8", ...pythonWords(packages)] }],
  }),
  node: ({ packages }) => ({
    pipeline: [{ argv: [NODE_INSIDE, ...nodeWords(packages), "--input-type=module", "-"] }],
    show: { [process.execPath]: NODE_INSIDE },
    path: [NODE_FOLDER],
    reserveMb: 2048,
  }),
  go: ({ packages, workspace }) => {
    const toolchain = goToolchain(workspace.root);
    if (toolchain === undefined)
      throw new ToolError("There is no Go toolchain here, so Go code can't be run.", {
        remedy: "Use python or node, or ask the user to install Go.",
      });
    const module = packages?.go;
    const copy = module === undefined ? "" : 'cp "$HEARTH_MODULE/go.mod" "$HEARTH_MODULE/go.sum" . && ';
    return {
      // Fixed words of ours; the code itself comes by the input and is never read by the shell.
      pipeline: [
        {
          argv: [
            "sh",
            "-c",
            `mkdir "$TMPDIR/code" && cd "$TMPDIR/code" && cat > main.go && ${copy}exec go run main.go`,
          ],
        },
      ],
      path: toolchain.path,
      show: toolchain.show,
      env: {
        ...goEnvironment(module),
        GOPROXY: "off",
        ...(module === undefined ? {} : { HEARTH_MODULE: module }),
      },
      reserveMb: 2048,
    };
  },
};

/** Installed packages come after Python's own modules and before those of the system's packages. */
const WITH_PACKAGES = `import sys
own = sys.argv.pop(1)
sys.path.insert(next((at for at, one in enumerate(sys.path) if one.endswith("-packages")), len(sys.path)), own)
exec(compile(sys.stdin.read(), "<stdin>", "exec"))`;

function pythonWords(packages: SandboxedSetup["packages"]): string[] {
  const { python } = packages ?? {};
  return python === undefined ? ["-"] : ["-c", WITH_PACKAGES, python];
}

function nodeWords(packages: SandboxedSetup["packages"]): string[] {
  const { node } = packages ?? {};
  return node === undefined ? [] : ["--import", nodeLoader(node)];
}

/**
 * The tools of AgentExecMCP by their names, arguments and results (`stdout, stderr, exit_code, duration, success`), with our judge and our
 * sandbox behind them. `install_package` is beside them (packages/).
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
      { ...CHANGES, ...unconfined(setup) },
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
      unconfined(setup),
      (args, context) =>
        answering(async () => {
          const language = textOf(args, "language", 20);
          const start = Object.hasOwn(LANGUAGES, language) ? LANGUAGES[language] : undefined;
          if (start === undefined)
            throw new ToolError(`There is no language "${language}".`, {
              remedy: `There are: ${Object.keys(LANGUAGES).join(", ")}.`,
            });
          const stdin = textOf(args, "code", MAX_CODE);
          const { env, show, path, ...rest } = start(setup);
          const shown = setup.packages?.shown() ?? {};
          return await run(setup, args, context, {
            ...rest,
            stdin,
            env: { ...shown.env, ...env },
            show: { ...shown.show, ...show },
            path: [...(path ?? []), ...(shown.path ?? [])],
          });
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

/** An outcome in AgentExecMCP's words. */
export function answer(result: RunResult): ToolResult {
  const { stdout, stderr, exitCode, ms, limit, sandbox } = result;
  const success = exitCode === 0 && limit === undefined;
  const told: JsonObject = { stdout, stderr, exit_code: exitCode, duration: ms / 1000, success };
  if (limit !== undefined) told["limit"] = limit;
  return { ok: success, content: JSON.stringify(told), details: { ...told, sandbox } };
}
