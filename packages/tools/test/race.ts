import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, readSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { tempFolder } from "./helpers.ts";

/** Exchanges two names for ever, atomically (renameat2 with RENAME_EXCHANGE): what an attacker inside the workspace would do. */
const EXCHANGER = `
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
pairs = [(a.encode(), b.encode()) for a, b in zip(sys.argv[1::2], sys.argv[2::2])]
for a, b in pairs:
    if libc.renameat2(-100, a, -100, b, 2) != 0:
        sys.exit(3)
print("ready", flush=True)
while True:
    for a, b in pairs:
        libc.renameat2(-100, a, -100, b, 2)
`;

export interface RaceResult {
  tries: number;
  /** The inner file was read. */
  inside: number;
  /** The outer file was read: a leak. */
  leaks: number;
  refused: number;
}

/**
 * Reads the same two paths again and again while a second process exchanges a folder, and a file, with links to the outside.
 * Undefined where the exchange is not to be had (no Python, no renameat2).
 */
export async function race(tries: number, readers: Record<string, (root: string, path: string) => string>) {
  using outside = tempFolder({ "f.txt": "OUTSIDE" });
  using dir = tempFolder({
    "sub/f.txt": "inside",
    swap: `-> ${outside.path}`,
    "g.txt": "inside",
    "swap.txt": `-> ${outside.path}/f.txt`,
  });
  const at = (name: string) => join(dir.path, name);
  const child = spawn("python3", ["-c", EXCHANGER, at("sub"), at("swap"), at("g.txt"), at("swap.txt")], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    if (!(await ready(child))) return undefined;
    const results: Record<string, RaceResult> = {};
    for (const [name, read] of Object.entries(readers)) {
      const result: RaceResult = { tries, inside: 0, leaks: 0, refused: 0 };
      for (let index = 0; index < tries; index++) {
        try {
          const text = read(dir.path, index % 2 === 0 ? "sub/f.txt" : "g.txt");
          if (text === "inside") result.inside++;
          else result.leaks++;
        } catch {
          result.refused++;
        }
      }
      results[name] = result;
    }
    return results;
  } finally {
    child.kill("SIGKILL");
    await new Promise((resolve) =>
      child.exitCode === null && child.signalCode === null ? child.once("exit", resolve) : resolve(0),
    );
  }
}

function ready(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", () => resolve(false));
    child.stdout?.once("data", () => resolve(true));
  });
}

/** What peers do: resolve the links, compare the beginning, open. Shows that the race is a real one. */
export function realpathThenOpen(root: string, path: string): string {
  const real = realpathSync(join(root, path));
  if (!real.startsWith(`${root}/`)) throw new Error("outside");
  return readFileSync(real, "utf8");
}

export function readAll(fd: number): string {
  const bytes = Buffer.alloc(64);
  return bytes.toString("utf8", 0, readSync(fd, bytes, 0, 64, 0));
}
