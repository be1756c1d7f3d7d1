import { readdirSync, readFileSync } from "node:fs";

/** All descendants of a process with the memory they hold, read from /proc; empty where there is none. */
export function descendants(root: number): { pid: number; residentMb: number }[] {
  const out: { pid: number; residentMb: number }[] = [];
  const open = [root];
  for (let pid = open.pop(); pid !== undefined && out.length < 5000; pid = open.pop()) {
    for (const child of childrenOf(pid)) {
      open.push(child);
      out.push({ pid: child, residentMb: residentMb(child) });
    }
  }
  return out;
}

function childrenOf(pid: number): number[] {
  try {
    const out: number[] = [];
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const text = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim();
      if (text !== "") out.push(...text.split(" ").map(Number));
    }
    return out;
  } catch {
    // Gone meanwhile.
    return [];
  }
}

/** Anonymous memory: what the process wrote itself, without files shared with others. */
function residentMb(pid: number): number {
  try {
    const [, resident = "0", shared = "0"] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
    return ((Number(resident) - Number(shared)) * 4096) / (1024 * 1024);
  } catch {
    return 0;
  }
}
