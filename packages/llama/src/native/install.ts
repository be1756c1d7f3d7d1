import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DownloadError, UsageError } from "hearth";
import { engineFolder } from "../folders.ts";
import { findLlama, type NativeFound } from "./find.ts";
import { type Build, buildsFor, LLAMA_VERSION } from "./version.ts";

export interface InstallOptions {
  /** A GPU pack instead of the processor's build: `auto` takes the one whose driver is seen. Default false. */
  gpu?: false | "auto" | "cuda" | "vulkan";
  /** Default: the user's own engine folder. */
  folder?: string;
  /** Only say what would be run. */
  dryRun?: boolean;
  /** Told what goes on, a line at a time. */
  onProgress?: (line: string) => void;
  signal?: AbortSignal;
}

export interface InstallPlan {
  folder: string;
  packages: string[];
  /** The command, program first. */
  command: string[];
}

/** Driver libraries, by the name under which the loader finds them. */
const DRIVERS: Record<string, string[]> = {
  cuda: [
    "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
    "/usr/lib64/libcuda.so.1",
    "/usr/lib/wsl/lib/libcuda.so.1",
    "C:\\Windows\\System32\\nvcuda.dll",
  ],
  vulkan: [
    "/usr/lib/x86_64-linux-gnu/libvulkan.so.1",
    "/usr/lib64/libvulkan.so.1",
    "C:\\Windows\\System32\\vulkan-1.dll",
  ],
};

/**
 * What `installEngine` would run. Only the platform's own package is fetched: the native library is all we use, which makes
 * 30 MB for a processor where the whole takes 700. Raises `UsageError` where there is no such build.
 */
export function planInstall(
  options: InstallOptions = {},
  exists: (file: string) => boolean = existsSync,
): InstallPlan {
  const builds = buildsFor();
  const wanted = options.gpu === "auto" ? (seenGpu(builds, exists) ?? false) : (options.gpu ?? false);
  const build =
    builds.find((candidate) => candidate.gpu === wanted) ??
    (wanted === false ? builds.find((candidate) => candidate.gpu === "metal") : undefined);
  if (build === undefined) {
    const what = wanted === false ? "build" : `${wanted} build`;
    throw new UsageError(
      `There is no ${what} of the embedded engine for ${process.platform}-${process.arch}.`,
      {
        remedy: "Use a server such as Ollama instead (--engine ollama).",
      },
    );
  }
  const names = build.extra === undefined ? [build.name] : [build.name, build.extra];
  const packages = names.map((name) => `@node-llama-cpp/${name}@${LLAMA_VERSION}`);
  const folder = options.folder ?? engineFolder();
  const flags = [
    "--omit=optional",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--save-exact",
    "--no-package-lock",
  ];
  return { folder, packages, command: [...npm(), "install", "--prefix", folder, ...flags, ...packages] };
}

function seenGpu(builds: readonly Build[], exists: (file: string) => boolean): "cuda" | "vulkan" | undefined {
  for (const { gpu } of builds) {
    if (gpu !== "cuda" && gpu !== "vulkan") continue;
    if ((DRIVERS[gpu] ?? []).some((file) => exists(file))) return gpu;
  }
  return undefined;
}

/** npm as it came with this Node, which needs no shell on Windows; else the one on the path. */
function npm(): string[] {
  const beside = join(dirname(process.execPath), "node_modules", "npm", "bin", "npm-cli.js");
  const unix = join(dirname(process.execPath), "..", "lib", "node_modules", "npm", "bin", "npm-cli.js");
  const own = process.env["npm_execpath"];
  const file = [beside, unix, own].find((path) => path?.endsWith(".js") === true && existsSync(path));
  return file === undefined ? ["npm"] : [process.execPath, file];
}

/**
 * Fetches the native part into the user's own folder, where every later start finds it. Returns what was found there afterwards.
 * Raises `UsageError`, `DownloadError`.
 */
export async function installEngine(options: InstallOptions = {}): Promise<NativeFound | InstallPlan> {
  const plan = planInstall(options);
  if (options.dryRun === true) return plan;
  const { folder, packages, command } = plan;
  try {
    await mkdir(folder, { recursive: true });
    // Without a package.json npm would look for one in the folders above; an empty one lets it remove the build that was there.
    await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, name: "hearth-engine" }));
  } catch (error) {
    throw new DownloadError(`The folder ${folder} can't be written to: ${messageOf(error)}.`, {
      cause: error,
      remedy: "Free some space or mend its rights, or set XDG_DATA_HOME to another folder.",
    });
  }
  options.onProgress?.(`Fetching ${packages.join(" and ")} into ${folder}`);
  const { code, output } = await run(command, folder, options);
  options.signal?.throwIfAborted();
  const found = findLlama({ folders: [folder] });
  if (code !== 0 || "missing" in found) {
    const why =
      "missing" in found && code === 0 ? found.missing : (reason(output) ?? `npm ended with code ${code}`);
    throw new DownloadError(`The embedded engine's native part could not be installed: ${why}.`, {
      remedy: `See that the network and ${folder} can be reached, and try again.`,
    });
  }
  return found;
}

function run(
  command: string[],
  cwd: string,
  options: InstallOptions,
): Promise<{ code: number | null; output: string }> {
  const [program = "npm", ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
    const stop = () => void child.kill();
    options.signal?.addEventListener("abort", stop, { once: true });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data: Buffer) => {
        output = (output + data.toString()).slice(-8000);
        for (const line of data.toString().split("\n"))
          if (line.trim() !== "") options.onProgress?.(line.trim());
      });
    }
    const end = (code: number | null) => {
      options.signal?.removeEventListener("abort", stop);
      resolve({ code, output });
    };
    child.once("error", (error) => {
      output = error.message;
      end(null);
    });
    child.once("close", end);
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function reason(output: string): string | undefined {
  const lines = output.split("\n").map((line) => line.replace(/^npm (ERR!|error)\s*/i, "").trim());
  return (
    lines.find((line) => /^(E[A-Z]+|code E|No space|getaddrinfo|request to)/.test(line)) ??
    lines.findLast((line) => line !== "")
  );
}
