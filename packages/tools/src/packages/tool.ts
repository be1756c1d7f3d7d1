import { type Tool, ToolError, type ToolResult } from "hearth";
import { type EgressOptions, EgressProxy, withConnections, withEgress } from "../egress/index.ts";
import {
  answering,
  OUTER_TIMEOUT_MS,
  type SandboxedSetup,
  TIMEOUT,
  textOf,
  timeoutOf,
  told,
} from "../programs/shared.ts";
import type { RunResult } from "../sandbox/index.ts";
import type { Packages } from "./folder.ts";
import { managerNamed } from "./managers.ts";
import { MANAGERS, wanted } from "./names.ts";

/** Installing takes longer than a command, and large files. */
const DEFAULT_MS = 180_000;
const FILE_MB = 1000;
const MEMORY_MB = 1024;

export interface InstallOptions {
  /** Hosts of packages; what the managers themselves are set up for, where left out. Only from a trusted source. */
  hosts?: readonly string[];
  /** Of the proxy; replaced in tests. */
  egress?: Partial<EgressOptions>;
  /** How the outcome is told. Default: as that of a command. */
  tell?: (result: RunResult) => ToolResult;
}

/**
 * Installs one package for what runs later, beside the workspace. Inside the sandbox, which sees nothing but the packages' folder, so that
 * there is nothing to betray; the network is the proxy to the packages' hosts alone. It changes what later code does: `once`, asked for.
 */
export function installPackage(
  setup: SandboxedSetup,
  packages: Packages,
  options: InstallOptions = {},
): Tool {
  return {
    name: "install_package",
    description:
      "Install one package with pip, npm or go, for code that is run later by run_python, run_javascript, run_command and execute_code.",
    parameters: {
      type: "object",
      properties: {
        manager: {
          type: "string",
          enum: [...MANAGERS],
          description: "pip for Python, npm for JavaScript, go for Go.",
        },
        name: { type: "string", description: "The package's plain name." },
        version: { type: "string", description: "An exact version. Default: the newest." },
        timeout: TIMEOUT,
      },
      required: ["manager", "name"],
      additionalProperties: false,
    },
    effect: "once",
    // It reads nothing itself, but what it installs runs later where the workspace is read: no page may ask for that by itself.
    reads: "private",
    source: "untrusted",
    egress: true,
    timeoutMs: OUTER_TIMEOUT_MS,
    concurrency: 1,
    run: (args, context) =>
      answering(async () => {
        const version = args["version"];
        if (version !== undefined && version !== null && typeof version !== "string")
          throw new ToolError('"version" must be a text.');
        const want = wanted(textOf(args, "manager", 20), textOf(args, "name", 300), version ?? undefined);
        const manager = managerNamed(want.manager, setup.workspace.root, setup.sandbox);
        const source = await manager.source();
        const proxy = new EgressProxy({ hosts: options.hosts ?? source.hosts, ...options.egress });
        const folder = packages.prepare(want.manager);
        const timeoutMs = args["timeout"] === undefined ? DEFAULT_MS : timeoutOf(args, setup.limits);
        const limits = { ...setup.limits, fileMb: FILE_MB, memoryMb: MEMORY_MB, timeoutMs };
        const result = await setup.sandbox.run(
          withEgress(
            {
              workspace: folder,
              writable: true,
              // Its own files, not the user's: nothing in them is run by others.
              guard: { found: new Map(), readOnly: [], pinned: [], complete: true, at: 0 },
              ...manager.install(want, folder, source),
              limits,
              signal: context.signal,
              onOutput: (text) => context.output(text),
            },
            proxy,
          ),
        );
        const { tell } = options;
        const answer = tell === undefined ? told(result, timeoutMs, limits) : tell(result);
        return withConnections(answer, result, proxy, tell === undefined);
      }),
  };
}
