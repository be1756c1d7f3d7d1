import { type JsonObject, type Tool, type ToolContext, ToolError, type ToolResult } from "hearth";
import { explainWalk, type Workspace } from "../confine/index.ts";
import { EgressProxy, withConnections, withEgress } from "../egress/index.ts";
import { judgeShell, type Plan, type ShellJudgement } from "../judge/index.ts";
import {
  MAX_TIMEOUT_MS,
  NODE_FOLDER,
  NODE_INSIDE,
  type RunRequest,
  type RunResult,
} from "../sandbox/index.ts";
import {
  answering,
  CHANGES,
  OUTER_TIMEOUT_MS,
  READS,
  type SandboxedSetup,
  TIMEOUT,
  textOf,
  timeoutOf,
  told,
  unconfined,
} from "./shared.ts";

const MAX_COMMAND = 8000;

function schema(command: string, more: JsonObject = {}): JsonObject {
  return {
    type: "object",
    properties: {
      command: { type: "string", description: command },
      cwd: { type: "string", description: "The folder to start in. Default: the workspace.", default: "." },
      timeout: TIMEOUT,
      ...more,
    },
    required: ["command"],
    additionalProperties: false,
  };
}

/** Commands of listed programs that only read; pipes and lists of them. The workspace is read only while they run. */
export function runShell(setup: SandboxedSetup): Tool {
  return {
    name: "run_shell",
    description:
      "Run a command that only reads, such as ls, cat, grep, find, sort, wc, git log; with pipes. No variables, no loops, no writing.",
    parameters: schema("The command, such as: grep -rn TODO src | wc -l"),
    ...READS,
    timeoutMs: OUTER_TIMEOUT_MS,
    run: (args, context) =>
      answering(async () => {
        const judged = await judge(setup, args, "pipeline");
        if (judged.verdict === "ask") {
          return refused({ ...judged, reason: `${judged.reason} Use run_command for it.` });
        }
        if (judged.verdict === "deny" || judged.plan === undefined) return refused(judged);
        return await runPlan(setup, judged.plan, args, context, false);
      }),
  };
}

/** One program of everyday development that may change the workspace; a person is asked by the policy, for its effect is `once`. */
export function runCommand(setup: SandboxedSetup): Tool {
  return {
    name: "run_command",
    description: `Run one program that may change files, such as: npm test, make, mkdir docs, mv a b, python3 script.py. ${networkOf(setup)}`,
    parameters: schema("One plain command, without pipes: npm test"),
    ...CHANGES,
    egress: setup.egress !== undefined,
    ...unconfined(setup),
    timeoutMs: OUTER_TIMEOUT_MS,
    run: (args, context) =>
      answering(async () => {
        const judged = await judge(setup, args, "strict");
        if (judged.verdict === "deny" || judged.plan === undefined) return refused(judged);
        return await runPlan(setup, judged.plan, args, context, true);
      }),
  };
}

function networkOf({ egress }: SandboxedSetup): string {
  return egress === undefined ? "No network." : `Network: only ${egress.hosts.join(", ")}.`;
}

function judge(
  setup: SandboxedSetup,
  args: JsonObject,
  mode: "strict" | "pipeline",
): Promise<ShellJudgement> {
  const command = textOf(args, "command", MAX_COMMAND);
  return judgeShell(command, { mode, workspace: setup.workspace.root, rules: setup.rules });
}

function refused({ verdict, reason }: ShellJudgement): ToolResult {
  return { ok: false, content: `Not run: ${reason}`, details: { verdict, reason } };
}

/** Checks the folder to start in by the walk, and gives it relative to the workspace. */
export function folderOf(workspace: Workspace, args: JsonObject): string {
  const cwd = args["cwd"];
  if (cwd === undefined || cwd === null || cwd === "") return ".";
  if (typeof cwd !== "string") throw new ToolError('"cwd" must be a text.');
  try {
    using folder = workspace.openFolder(cwd);
    return folder.path;
  } catch (error) {
    throw explainWalk(error, workspace, "folder");
  }
}

async function runPlan(
  setup: SandboxedSetup,
  plan: Plan,
  args: JsonObject,
  context: ToolContext,
  writable: boolean,
): Promise<ToolResult> {
  const timeoutMs = timeoutOf(args, setup.limits);
  const cwd = folderOf(setup.workspace, args);
  const deadline = performance.now() + timeoutMs;
  const proxy = writable && setup.egress !== undefined ? new EgressProxy(setup.egress) : undefined;
  const shown = writable ? (setup.packages?.shown() ?? {}) : {};
  let whole: RunResult | undefined;
  for (const step of plan) {
    if (whole !== undefined && step.when !== "always" && (step.when === "success") !== (whole.exitCode === 0))
      continue;
    const left = Math.max(1, Math.round(deadline - performance.now()));
    const request: RunRequest = {
      ...shown,
      workspace: setup.workspace.root,
      cwd,
      writable,
      pipeline: step.pipeline,
      limits: { ...setup.limits, timeoutMs: Math.min(left, MAX_TIMEOUT_MS) },
      show: { ...shown.show, [process.execPath]: NODE_INSIDE },
      path: [NODE_FOLDER, ...(shown.path ?? [])],
      // Engines with a just-in-time compiler reserve far more than they use; plain readers have no need to.
      ...(writable ? { reserveMb: 2048 } : {}),
      signal: context.signal,
      onOutput: (text) => context.output(text),
    };
    const result = await setup.sandbox.run(proxy === undefined ? request : withEgress(request, proxy));
    whole = whole === undefined ? result : joined(whole, result);
    if (result.limit !== undefined) break;
  }
  if (whole === undefined) throw new ToolError("There was nothing to run.");
  const answer = told(whole, timeoutMs, setup.limits);
  return proxy === undefined ? answer : withConnections(answer, whole, proxy);
}

function joined(first: RunResult, second: RunResult): RunResult {
  return {
    ...second,
    stdout: first.stdout + second.stdout,
    stderr: first.stderr + second.stderr,
    truncated: first.truncated || second.truncated,
    ms: first.ms + second.ms,
  };
}
