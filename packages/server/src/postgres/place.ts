import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

let known: string | undefined;

/**
 * Where this process runs, in so far as process ids mean the same there: the start of the machine and, on Linux, the namespace of its
 * processes. Two containers may share a name and not their processes.
 */
export function ownPlace(): string {
  known ??= `${hostname()} ${read(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim())} ${read(() => readlinkSync("/proc/self/ns/pid"))}`;
  return known;
}

function read(part: () => string): string {
  try {
    return part();
  } catch {
    // No such thing on this system: the name of the machine has to do.
    return "";
  }
}
