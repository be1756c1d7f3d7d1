import type { JsonObject, Tool, ToolContext } from "hearth";
import { judgeShell } from "../judge/index.ts";
import { answering, OUTER_TIMEOUT_MS, READS, type SandboxedSetup, told } from "./shared.ts";

const SECONDS = 30;

/** What a call's arguments come to on git's command line. */
type Words = (args: JsonObject) => string[];

const text = (args: JsonObject, key: string): string[] => {
  const value = args[key];
  return typeof value === "string" && value !== "" ? [value] : [];
};
const path = (args: JsonObject): string[] =>
  text(args, "path").length > 0 ? ["--", ...text(args, "path")] : [];

/** Git's state, differences and history, by the same judge and in the same sandbox as a command. */
export function gitTools(setup: SandboxedSetup): Tool[] {
  const file = { type: "string", description: "Only this file or folder." };
  const tool = (name: string, description: string, properties: JsonObject, words: Words): Tool => ({
    name,
    description,
    parameters: { type: "object", properties, required: [], additionalProperties: false },
    ...READS,
    timeoutMs: OUTER_TIMEOUT_MS,
    run: (args, context) => answering(() => run(setup, words(args), context)),
  });
  return [
    tool("git_status", "Show which files are changed, staged or new in the git repository.", {}, () => [
      "status",
      "--short",
      "--branch",
    ]),
    tool(
      "git_diff",
      "Show the changes that are not committed, or those since a commit.",
      {
        path: file,
        since: {
          type: "string",
          description: 'A commit or branch, such as "HEAD~1". Default: what is not staged.',
        },
        staged: { type: "boolean", description: "Show what is staged.", default: false },
      },
      (args) => [
        "diff",
        ...(args["staged"] === true ? ["--staged"] : []),
        ...text(args, "since"),
        ...path(args),
      ],
    ),
    tool(
      "git_log",
      "Show the last commits: id, date, author, subject.",
      {
        path: file,
        limit: { type: "integer", description: "How many commits.", minimum: 1, maximum: 200, default: 20 },
      },
      (args) => [
        "log",
        "--format=%h %as %an: %s",
        `--max-count=${Number(args["limit"] ?? 20)}`,
        ...path(args),
      ],
    ),
  ];
}

async function run(setup: SandboxedSetup, words: string[], context: ToolContext) {
  const command = ["git", ...words]
    .map((word) => `'${word.replaceAll("'", "'\\''")}'`)
    .join(" ")
    .replace(/^'git'/, "git");
  const { verdict, reason, plan } = await judgeShell(command, { workspace: setup.workspace.root });
  if (verdict !== "allow" || plan === undefined)
    return { ok: false, content: `Not run: ${reason}`, details: { verdict, reason } };
  const limits = { ...setup.limits, timeoutMs: SECONDS * 1000 };
  const result = await setup.sandbox.run({
    workspace: setup.workspace.root,
    pipeline: plan[0]?.pipeline ?? [],
    limits,
    signal: context.signal,
    onOutput: (output) => context.output(output),
  });
  return told(result, limits.timeoutMs, setup.limits);
}
