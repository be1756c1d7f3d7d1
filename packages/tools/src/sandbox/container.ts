import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { UsageError } from "hearth";
import { findProgram, INSIDE_ID } from "./bwrap.ts";
import { type Launcher, runPipeline } from "./run.ts";
import type { Sandbox } from "./tested.ts";
import type { Limits, RunRequest, SandboxLevel } from "./types.ts";

export interface ContainerOptions {
  /** Image with the programs that are to run. Default `python:3-slim`, as AutoGen has it. Never pulled by us. */
  image?: string;
}

const IMAGE = "python:3-slim";

/**
 * Arguments of `docker run` (Podman takes the same): no network, nothing writable but /tmp and, when asked, the workspace, no
 * capabilities, no way to new privileges, bounded memory, processors, processes and files, an ordinary user.
 */
export function containerArgv(
  argv: readonly string[],
  limits: Limits,
  request: RunRequest,
  image: string,
  name: string,
): string[] {
  const { workspace } = request;
  const cwd = request.cwd === undefined || request.cwd === "." ? workspace : join(workspace, request.cwd);
  const args = [
    "run",
    "--rm",
    "--init",
    "--interactive",
    "--pull=never",
    `--name=${name}`,
    "--network=none",
    "--ipc=none",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--read-only",
    `--user=${INSIDE_ID}:${INSIDE_ID}`,
    `--memory=${limits.memoryMb}m`,
    `--memory-swap=${limits.memoryMb}m`,
    "--cpus=1",
    `--pids-limit=${limits.processes}`,
    "--ulimit=core=0",
    `--ulimit=fsize=${limits.fileMb * 1024 * 1024}`,
    `--tmpfs=/tmp:rw,nosuid,nodev,size=${limits.fileMb}m,mode=1777`,
    `--mount=type=bind,source=${workspace},target=${workspace}${request.writable === true ? "" : ",readonly"}`,
    `--workdir=${cwd}`,
    "--env=HOME=/tmp",
    "--env=LANG=C.UTF-8",
  ];
  for (const [key, value] of Object.entries(request.env ?? {})) args.push(`--env=${key}=${value}`);
  // The image's own start program would come between; the words are the program's own.
  return [...args, `--entrypoint=${argv[0] ?? ""}`, image, ...argv.slice(1)];
}

/** The container level, for who asks for it by name. Where no daemon answers, that is an error, never a weaker level. */
export function containerSandbox(workspace: string, options: ContainerOptions = {}): Sandbox {
  const image = options.image ?? IMAGE;
  const file = findProgram("docker", workspace) ?? findProgram("podman", workspace);
  if (file === undefined)
    throw new UsageError("There is no docker and no podman here.", {
      remedy: "Install one, or choose another sandbox level.",
    });
  // It talks to its daemon and reads its own settings; none of this reaches the container.
  const env: Record<string, string> = {};
  for (const key of ["HOME", "PATH", "DOCKER_HOST", "XDG_RUNTIME_DIR"])
    if (process.env[key] !== undefined) env[key] = process.env[key];
  const ask = (...args: string[]) => spawnSync(file, args, { encoding: "utf8", timeout: 10_000, env });
  const daemon = ask("version", "--format", "{{.Server.Version}}");
  if (daemon.status !== 0) {
    const why = daemon.stderr?.trim().split("\n").at(-1) ?? "";
    throw new UsageError(
      `The container level was asked for, but no daemon answers${why === "" ? "" : ` (${why.slice(0, 200)})`}.`,
      { remedy: "Start it, or choose another sandbox level." },
    );
  }
  if (ask("image", "inspect", image).status !== 0) {
    throw new UsageError(`The image ${image} is not here.`, { remedy: `Fetch it: ${file} pull ${image}` });
  }
  const name = "L2 container";
  const launcher: Launcher = (argv, limits, request) => {
    const container = `hearth-${randomBytes(8).toString("hex")}`;
    return {
      file,
      args: containerArgv(argv, limits, request, image, container),
      env,
      // The client's end is not the container's end.
      stop: () =>
        void spawn(file, ["kill", container], { env, stdio: "ignore" }).on("error", () => undefined),
    };
  };
  const level: SandboxLevel = {
    name,
    strength: "partial",
    probes: [],
    missing: ["its isolation is the daemon's, and was not probed"],
  };
  return {
    name,
    python: "python3",
    level: () => Promise.resolve(level),
    run: (request) => runPipeline(request, launcher, `${name} (${image})`),
  };
}
