import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Owners of this process that still drive their run. */
const driving = new Set<string>();
let count = 0;

/** When the process began, in the kernel's own ticks: a number that is given out again later is another process. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name may hold spaces and brackets. Behind its closing bracket stands the state, and 19 fields later the start.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Dead, and only kept until its parent asks how it ended.
    if (fields[0] === "Z" || fields[0] === "X") return "gone";
    return fields[19] ?? "0";
  } catch {
    return "0";
  }
}

/** Of this process; it does not change. */
let ownStart: string | undefined;

/** A name for one drive of one run: machine, process, its start, a number. `letGo` when the drive is over. */
export function newOwner(): string {
  ownStart ??= startOf(process.pid);
  const owner = `${hostname()}/${process.pid}/${ownStart}/${++count}`;
  driving.add(owner);
  return owner;
}

export function letGo(owner: string): void {
  driving.delete(owner);
}

/**
 * Whether it is certain that this owner drives no more: a process of this machine that is dead, or a drive of our own that is over.
 * Of other machines, and of names that are not ours, nothing is certain but the end of their lease.
 */
export function isGone(owner: string): boolean {
  const [host, pidText, start] = owner.split("/");
  const pid = Number(pidText);
  if (host !== hostname() || start === undefined || !Number.isInteger(pid)) return false;
  if (pid === process.pid && start === startOf(pid)) return !driving.has(owner);
  return !isAlive(pid) || startOf(pid) !== start;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
