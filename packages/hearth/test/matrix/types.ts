import type { AgentOptions, Journal, Run, ToolInput } from "hearth";
import type { MockTurn, Ran } from "../guide/support.ts";

/** How the model is reached: two wires over HTTP, or raw text in and out as the embedded engine has it. */
export type Way = "ollama" | "openai" | "raw";

type Turns = MockTurn[] | ((body: { tools?: unknown[] }, n: number) => MockTurn);

/** One way for an engine or a model to misbehave, and what the loop must make of it. */
export interface Scenario {
  name: string;
  /** What the six loops of `references/peers.md` do, where it was measured. */
  peers?: string;
  /** What this loop does, in a few words for the table. */
  ours: string;
  ways: readonly Way[];
  turns: Turns | ((way: Way) => Turns);
  tools?: ToolInput[];
  options?: Partial<AgentOptions>;
  /** Options of the mock engine. */
  engine?: object;
  /** Steps in while the run goes on. */
  during?: (run: Run, journal: Journal | undefined) => Promise<void>;
  check: (ran: Ran, way: Way) => void;
}

export const HTTP: readonly Way[] = ["ollama", "openai"];
export const ALL: readonly Way[] = ["ollama", "openai", "raw"];
