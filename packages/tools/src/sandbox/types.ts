import type { Duplex } from "node:stream";
import type { Guard } from "./protected.ts";

/** What a sandbox takes away, in words for people: `enforced` all of it, `partial` names what is missing, `none`. */
export type Strength = "enforced" | "partial" | "none";

export interface Probe {
  /** What was tried: "write outside", "read home", … */
  name: string;
  /** Whether it was prevented. */
  held: boolean;
  /** What came of it. */
  note: string;
}

export interface SandboxLevel {
  /** `L1 bubblewrap`, `none`. */
  name: string;
  strength: Strength;
  probes: Probe[];
  /** What is missing and how to mend it, where something is. */
  missing: string[];
}

export interface Limits {
  /** Milliseconds; 60,000 by default, 300,000 at most. */
  timeoutMs: number;
  /** Megabytes of memory, of each process and of all together. */
  memoryMb: number;
  processes: number;
  /** Megabytes of one written file, and of the private /tmp. */
  fileMb: number;
  /** Characters of output kept: the first half and the last. */
  outputChars: number;
}

/** Defaults: AgentExecMCP's 60 s, smolagents' 50,000 characters; the others from the design. */
export const LIMITS: Limits = {
  timeoutMs: 60_000,
  memoryMb: 512,
  processes: 64,
  fileMb: 100,
  outputChars: 50_000,
};
export const MAX_TIMEOUT_MS = 300_000;

export interface Confined {
  /** Folder to work in, absolute; what is outside is not there. */
  workspace: string;
  /** Whether the workspace may be written. Default false. */
  writable?: boolean;
  /** Folders of programs beside the system's, as they appear inside. */
  path?: readonly string[];
  /** Folder to start in, relative to the workspace. Default: the workspace. */
  cwd?: string;
  /** More files or folders to show, read only: where they are → where they appear. */
  show?: Readonly<Record<string, string>>;
  /** Variables beside PATH, HOME, LANG and TMPDIR; nothing is inherited. */
  env?: Readonly<Record<string, string>>;
  /** What in a writable workspace stays as it is. Found by the level where left out. */
  guard?: Guard;
}

export interface RunRequest extends Confined {
  /** Programs whose outputs are joined to the next one's input. */
  pipeline: readonly { argv: readonly string[]; stderr?: "discard" | "stdout"; discard?: boolean }[];
  stdin?: string;
  /** Megabytes that programs reserve without using them (V8: 2,048); the use is limited all the same. Default 0. */
  reserveMb?: number;
  limits?: Partial<Limits>;
  signal?: AbortSignal;
  /** Shows output while it comes. */
  onOutput?: (text: string) => void;
  /** Takes our end of a stream whose other end the program has as descriptor 4: its only way out (egress/). */
  channel?: (stream: Duplex) => void;
}

/** Which limit ended a run. */
export type Limit = "time" | "memory" | "operations" | "processes" | "output" | "stop";

export interface RunResult {
  /** Exit code of the last program; 128 + the signal's number where one killed it. */
  exitCode: number;
  stdout: string;
  stderr: string;
  /** Whether output was left out of the middle. */
  truncated: boolean;
  ms: number;
  limit?: Limit;
  /** Name and strength of the level, for results and the audit: "L1 bubblewrap (enforced)". */
  sandbox: string;
}
