import { DEFAULT_THRESHOLD } from "./budget.ts";
import { SUMMARY_REQUEST } from "./summary.ts";

/** How a prompt is made to fit. Each is applied in one block when its threshold is reached, never step by step. */
export interface CompactionPolicy {
  /** Share of the window at which it acts. */
  threshold: number;
  /** Whether the oldest results become stubs first. */
  stubs: boolean;
  /** Share of the window that stays verbatim at the end. */
  keepShare: number;
  /** Named in `context.compacted`. */
  how: string;
  /** What the model is asked for; left out: what is cut is gone. */
  request?: string;
}

const TOPIC_REQUEST = `The conversation is about to be shortened. Sort it into its topics. For each topic write one line: its name, what was decided or found, with exact names and numbers, and what is still open. Write only these lines. Do not call a tool.`;

/** The names that `--context-policy` takes. */
export const POLICIES = {
  default: {
    threshold: DEFAULT_THRESHOLD,
    stubs: true,
    keepShare: 0.25,
    how: "summary",
    request: SUMMARY_REQUEST,
  },
  rolling: { threshold: 0.9, stubs: false, keepShare: 0.5, how: "rolling" },
  summary: { threshold: 0.9, stubs: false, keepShare: 0.25, how: "summary", request: SUMMARY_REQUEST },
  topic: { threshold: 0.9, stubs: false, keepShare: 0.25, how: "topic", request: TOPIC_REQUEST },
} satisfies Record<string, CompactionPolicy>;

export type CompactionName = keyof typeof POLICIES;
