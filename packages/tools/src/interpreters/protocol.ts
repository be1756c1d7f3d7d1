export type Language = "python" | "javascript";

export interface Job {
  id: number;
  language: Language;
  code: string;
  timeoutMs: number;
  memoryMb: number;
  outputChars: number;
  /** Python: objects that may be made, as the measure of operations. Default `OPERATIONS`. */
  operations?: number;
}

/** smolagents' MAX_OPERATIONS. */
export const OPERATIONS = 10_000_000;

export interface JobResult {
  id: number;
  output: string;
  truncated: boolean;
  /** The value of the last expression as the language shows it; absent where there is none. */
  value?: string;
  /** What ended it: the error's class, and its text as the language shows it. */
  error?: { type: string; text: string };
  /** Which limit ended it. */
  limit?: "time" | "memory" | "output" | "operations";
  /** The value may be shown wrongly (1 for 1.0): another level knows better. */
  unsure?: boolean;
}
