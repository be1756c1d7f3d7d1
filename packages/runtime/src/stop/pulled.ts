import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject } from "hearth";
import type { Paths } from "../config/index.ts";

/** A stop that was pulled and not lifted. */
export interface PulledStop {
  /** ISO 8601. */
  since: string;
  reason: string;
}

/** The folder of all that belongs to the stop: watched by every process. */
export const stopFolder = ({ state }: Pick<Paths, "state">): string => join(state, "stop");

const fileOf = (paths: Pick<Paths, "state">): string => join(stopFolder(paths), "pulled.json");

/** The stop that holds now. A file that can't be read is one too: whoever pulled it meant to. */
export function readStop(paths: Pick<Paths, "state">): PulledStop | undefined {
  let text: string;
  try {
    text = readFileSync(fileOf(paths), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    return { since: "", reason: "a stop was pulled, and its file can't be read" };
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value))
      return { since: String(value["since"] ?? ""), reason: String(value["reason"] ?? "") };
  } catch {
    // Still a stop.
  }
  return { since: "", reason: "" };
}

export function pullUserStop(paths: Pick<Paths, "state">, stop: PulledStop): void {
  const file = fileOf(paths);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const beside = `${file}.${process.pid}`;
  writeFileSync(beside, `${JSON.stringify(stop)}\n`, { mode: 0o600 });
  renameSync(beside, file);
}

/** Lets tools run again; false where no stop held. */
export function liftUserStop(paths: Pick<Paths, "state">): boolean {
  const held = readStop(paths) !== undefined;
  rmSync(fileOf(paths), { force: true });
  return held;
}

/** Why nothing runs, in words for people and models. */
export function stopWords({ since, reason }: PulledStop): string {
  const when = since === "" ? "" : ` at ${since.slice(0, 19).replace("T", " ")} UTC`;
  return `The emergency stop was pulled${when}${reason === "" ? "" : ` (${reason})`}; \`hearth stop --lift\` lifts it.`;
}
