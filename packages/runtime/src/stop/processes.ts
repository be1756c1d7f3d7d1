import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "hearth";
import type { Paths } from "../config/index.ts";
import { stopFolder } from "./pulled.ts";

/** A Hearth process that heeds the stop. */
export interface Listed {
  pid: number;
  /** Tells a process from a later one with the same number: its start in the kernel's ticks, where /proc has it. */
  start: string;
  command: string;
  /** It has ended what it ran: the time of the stop that it has done so for. */
  done?: string;
}

const folderOf = (paths: Pick<Paths, "state">): string => join(stopFolder(paths), "processes");
const fileOf = (paths: Pick<Paths, "state">, pid: number): string => join(folderOf(paths), `${pid}.json`);

/** When a process began, in ticks since the machine did; empty where that can't be read. */
export function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name of the program stands in brackets and may hold anything.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function isAlive({ pid, start }: Listed): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return start === "" || startOf(pid) === start;
}

export function list(paths: Pick<Paths, "state">, own: Listed): void {
  mkdirSync(folderOf(paths), { recursive: true, mode: 0o700 });
  writeFileSync(fileOf(paths, own.pid), `${JSON.stringify(own)}\n`, { mode: 0o600 });
}

export function unlist(paths: Pick<Paths, "state">, pid: number): void {
  rmSync(fileOf(paths, pid), { force: true });
}

/** The processes that are there now; what dead ones left behind is cleared away. */
export function listed(paths: Pick<Paths, "state">): Listed[] {
  let names: string[];
  try {
    names = readdirSync(folderOf(paths));
  } catch {
    return [];
  }
  const out: Listed[] = [];
  for (const name of names) {
    const one = read(join(folderOf(paths), name));
    if (one === undefined) continue;
    if (isAlive(one)) out.push(one);
    else rmSync(join(folderOf(paths), name), { force: true });
  }
  return out;
}

function read(file: string): Listed | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (!isObject(value)) return undefined;
    const { pid, start, command, done } = value;
    if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 1) return undefined;
    return {
      pid,
      start: String(start ?? ""),
      command: String(command ?? ""),
      ...(typeof done === "string" ? { done } : {}),
    };
  } catch {
    // Being written, or gone meanwhile.
    return undefined;
  }
}
