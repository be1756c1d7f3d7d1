import { totalmem } from "node:os";

/** Share of a machine's memory that a model may take: the rest is for the system and what else runs. */
const SHARE = 0.75;

/** Memory for models, in bytes. */
export interface Room {
  /** What this machine, or the container around this process, can spare at best. */
  total: number;
  /** What is free now. */
  now: number;
}

/** What there is for a model. A container's limit counts where it is lower than the machine's memory. */
export function roomForModels(): Room {
  const limit = process.constrainedMemory();
  const all = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  const total = all * SHARE;
  return { total, now: Math.min(total, process.availableMemory()) };
}
