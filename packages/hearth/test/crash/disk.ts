import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AgentOptions, agent, type Journal, JournalError, type RunEvent, sqliteJournal } from "hearth";
import { scripted } from "hearth/testing";

/** A run whose steps leave long results behind, until the disk has no room for them. */
function greedy(journal: AgentOptions["journal"], steps: number): ReturnType<typeof agent> {
  const model = scripted((request) => {
    const n = request.messages.filter((message) => message.role === "assistant").length;
    return n < steps ? { calls: [{ name: "log", args: { n } }] } : { text: "done" };
  });
  const log = {
    name: "log",
    description: "Read a log",
    effect: "none" as const,
    parameters: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] },
    run: (args: Record<string, unknown>) => `${args["n"]} ${"x".repeat(60_000)}`,
  };
  return agent({
    model,
    tools: [log],
    limits: { maxSteps: 100 },
    ...(journal === undefined ? {} : { journal }),
  });
}

/** What came of a full disk: faults in words, none where all is well. */
export async function fullDisk(
  file: string,
  options: { maxFileBytes?: number },
  free: () => void,
): Promise<string[]> {
  const faults: string[] = [];
  const journal = sqliteJournal(file, options);
  const run = greedy(journal, 60).run("Read the logs.");
  const seen: RunEvent[] = [];
  let failure: unknown;
  try {
    for await (const event of run) seen.push(event);
    await run;
  } catch (error) {
    failure = error;
  }
  if (!(failure instanceof JournalError)) faults.push(`ended without a JournalError: ${failure}`);
  else if (!/full/.test(failure.message) || !/space/i.test(failure.remedy ?? ""))
    faults.push(`said: ${failure.message} ${failure.remedy}`);
  await journal.close();
  free();
  const again = sqliteJournal(file);
  const kept = await again.read(run.id);
  if (JSON.stringify(kept) !== JSON.stringify(seen.slice(0, kept.length)))
    faults.push("the log differs from what was seen");
  if (kept.length < seen.length)
    faults.push(`${seen.length - kept.length} events were seen and are not kept`);
  const { stopReason } = await greedy(again, 5).resume(run.id);
  if (stopReason !== "answer") faults.push(`with space it went on to ${stopReason}`);
  await again.close();
  return faults;
}

/** A real full disk: a file system of 1 MiB in memory, made larger afterwards. `undefined` where we may not mount one. */
export async function fullTmpfs(): Promise<string[] | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-full-"));
  const mount = (...args: string[]): void => void execFileSync("mount", args, { stdio: "ignore" });
  try {
    mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  try {
    return await fullDisk(join(folder, "runs.sqlite"), {}, () => mount("-o", "remount,size=64m", folder));
  } finally {
    execFileSync("umount", [folder]);
    rmSync(folder, { recursive: true });
  }
}

/** Damage at many places of the file: each gives a clear error or the whole log, and never a log that is not the one written. */
export async function corrupted(places: number): Promise<{ faults: string[]; told: number; whole: number }> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-corrupt-"));
  const file = join(folder, "runs.sqlite");
  const faults: string[] = [];
  let told = 0;
  let whole = 0;
  try {
    const journal = sqliteJournal(file);
    const run = greedy(journal, 4).run("Read the logs.");
    await run;
    const kept = await wholeOf(journal, run.id);
    await journal.close();
    const bytes = readFileSync(file);
    for (let i = 0; i < places; i++) {
      const at = Math.floor((bytes.length * (i + 0.5)) / places);
      overwrite(file, bytes, at);
      const outcome = await readDamaged(file, run.id, kept);
      if (outcome === "told") told++;
      else if (outcome === "whole") whole++;
      else faults.push(`byte ${at}: ${outcome}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { faults, told, whole };
}

function overwrite(file: string, bytes: Buffer, at: number): void {
  rmSync(`${file}-wal`, { force: true });
  rmSync(`${file}-shm`, { force: true });
  const handle = openSync(file, "w");
  writeSync(handle, bytes);
  writeSync(handle, Buffer.alloc(64, 0xa5), 0, 64, at);
  closeSync(handle);
}

/** Events and artifacts of a run. */
async function wholeOf(journal: Journal, runId: string): Promise<string> {
  const artifacts: unknown[] = [];
  for (const id of await journal.listArtifacts(runId))
    artifacts.push([id, await journal.getArtifact(runId, id)]);
  return JSON.stringify([await journal.read(runId), artifacts]);
}

async function readDamaged(file: string, runId: string, written: string): Promise<string> {
  try {
    const journal = sqliteJournal(file);
    try {
      return (await wholeOf(journal, runId)) === written ? "whole" : "the log changed and nobody said so";
    } finally {
      await journal.close();
    }
  } catch (error) {
    if (!(error instanceof JournalError)) return `a ${error instanceof Error ? error.name : error} came out`;
    return error.message !== "" && error.remedy !== undefined ? "told" : `no remedy: ${error.message}`;
  }
}
