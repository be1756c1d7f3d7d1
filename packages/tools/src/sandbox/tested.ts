import { existsSync } from "node:fs";
import { ToolError } from "hearth";
import { selfTest } from "./probe.ts";
import { quarantine, scanProtected } from "./protected.ts";
import { type Launcher, runPipeline } from "./run.ts";
import type { Probe, RunRequest, RunResult, SandboxLevel } from "./types.ts";

export type { Launcher } from "./run.ts";

/** One way to run programs. `level` runs the self-test once and remembers it. */
export interface Sandbox {
  readonly name: string;
  /** The Python it can run, where there is one. */
  readonly python?: string;
  /** Whether a program can be given a way out through the judged proxy (`RunRequest.channel`). */
  readonly egress?: boolean;
  level(): Promise<SandboxLevel>;
  /** Runs a pipeline. Refused with a `ToolError` where the level turned out to enforce nothing. */
  run(request: RunRequest): Promise<RunResult>;
}

export interface Tested {
  name: string;
  launcher: Launcher;
  /** What is known to be missing before anything is tried. */
  lacking?: readonly string[];
  /** What else holds or not, to be shown among the probes. */
  notes?: () => Probe[];
  egress?: boolean;
  /** What to do where it does not start. */
  remedy?: string;
}

/**
 * A level whose claims are tried before the first real program runs. It keeps what in a writable workspace other programs run later, and
 * writes what is missing into every result.
 */
export function testedSandbox(options: Tested): Sandbox {
  const { name, launcher, lacking = [], notes, egress = false, remedy } = options;
  let tested: Promise<SandboxLevel> | undefined;
  const test = async (): Promise<SandboxLevel> => {
    const probes = await selfTest((request) => runPipeline(request, launcher, name));
    const missing = probes.filter(({ held }) => !held).map((probe) => `${probe.name}: ${probe.note}`);
    missing.push(...lacking);
    probes.push(...(notes?.() ?? []));
    const failed = probes.some((probe) => probe.name === "start");
    return { name, strength: failed ? "none" : missing.length > 0 ? "partial" : "enforced", probes, missing };
  };
  const level = () => (tested ??= test());
  return {
    name,
    ...systemPython(),
    egress,
    level,
    async run(request) {
      const { strength, missing } = await level();
      if (strength === "none")
        throw new ToolError(
          `The sandbox does not start: ${missing.join("; ")}.`,
          remedy === undefined ? {} : { remedy },
        );
      const label =
        strength === "enforced" ? `${name} (enforced)` : `${name} (partial: ${missing.join("; ")})`;
      // Who brings its own guard knows what is in there.
      if (request.writable !== true || request.guard !== undefined)
        return await runPipeline(request, launcher, label);
      const guard = scanProtected(request.workspace);
      let moved: string[] = [];
      let result: RunResult;
      try {
        result = await runPipeline({ ...request, guard }, launcher, label);
      } finally {
        // Also where one stage of several could not be started: the others may have run.
        moved = quarantine(request.workspace, guard);
      }
      return moved.length === 0 ? result : { ...result, stderr: `${result.stderr}${moved.join("\n")}\n` };
    },
  };
}

/** Python in the folders that the sandbox shows; one in a home or a version manager's folder is not there inside. */
export function systemPython(): { python?: string } {
  const python = ["/usr/bin/python3", "/usr/local/bin/python3"].find((file) => existsSync(file));
  return python === undefined ? {} : { python };
}
