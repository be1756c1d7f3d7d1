import { spawn } from "node:child_process";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DownloadProgress, Wheel } from "./base.ts";

/** Neither Python nor pip is there: look elsewhere. */
export class NoPipError extends Error {
  override readonly name = "NoPipError";
}

const WATCH_MS = 200;
const ERROR_CHARS = 4000;

/**
 * Lets pip bring the wheel into `folder` and returns its path. pip knows the user's index, proxy and certificates. It runs
 * within `folder`, as `python -m pip` would run a `pip.py` of the current folder, which may be anybody's.
 */
export async function pipDownload(
  { package: name, version, bytes }: Wheel,
  folder: string,
  onProgress: (progress: DownloadProgress) => void,
  signal?: AbortSignal,
): Promise<string> {
  const target = join(folder, "wheel");
  const temporary = join(folder, "tmp");
  for (const path of [target, temporary]) await mkdir(path, { recursive: true });
  const args = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--only-binary=:all:"];
  args.push("--disable-pip-version-check", "--no-input", "--progress-bar=off", "--retries=3");
  args.push("--dest", target, `${name}==${version}`);
  const env = { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary, PYTHONSAFEPATH: "1" };
  let watched = true;
  const watch = (async () => {
    while (watched) {
      const received = Math.min(bytes, await sizeOf(folder));
      if (watched) onProgress({ receivedBytes: received, totalBytes: bytes });
      await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
    }
  })();
  try {
    await runFirst(
      process.platform === "win32" ? ["python", "py"] : ["python3", "python"],
      args,
      folder,
      env,
      signal,
    );
  } finally {
    watched = false;
    await watch;
  }
  onProgress({ receivedBytes: bytes, totalBytes: bytes });
  const wheel = (await readdir(target)).find((file) => file.endsWith(".whl"));
  if (wheel === undefined) throw new Error("pip ended well, but brought no wheel");
  return join(target, wheel);
}

async function runFirst(
  commands: string[],
  args: string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const command of commands) {
    const { missing, code, stderr } = await run(command, args, cwd, env, signal);
    signal?.throwIfAborted();
    if (missing || /No module named pip/i.test(stderr)) continue;
    if (code === 0) return;
    throw new Error(reason(stderr) ?? `pip ended with code ${code}`);
  }
  throw new NoPipError("pip was not found");
}

function run(
  command: string,
  args: string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<{ missing: boolean; code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "ignore", "pipe"], windowsHide: true });
    const stop = () => void child.kill("SIGKILL");
    signal?.addEventListener("abort", stop, { once: true });
    let stderr = "";
    child.stderr.on("data", (data: Buffer) => {
      stderr = (stderr + data.toString()).slice(-ERROR_CHARS);
    });
    const end = (missing: boolean, code: number | null) => {
      signal?.removeEventListener("abort", stop);
      resolve({ missing, code, stderr });
    };
    child.once("error", (error) => end("code" in error && error.code === "ENOENT", null));
    child.once("close", (code) => end(false, code));
  });
}

/** The telling line of what pip says. */
function reason(stderr: string): string | undefined {
  const lines = stderr.split("\n").map((line) => line.trim());
  const errors = lines.filter((line) => /^(ERROR|error):|No space left/i.test(line));
  return (
    errors.find((line) => /No space left/i.test(line)) ??
    errors.at(-1) ??
    lines.findLast((line) => line !== "")
  )?.replace(/^ERROR:\s*/i, "");
}

/** Bytes of all files below a folder; files may come and go meanwhile. */
async function sizeOf(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += await sizeOf(path);
    else if (entry.isFile()) sum += (await stat(path).catch(() => undefined))?.size ?? 0;
  }
  return sum;
}
