import type { RunEvent } from "hearth";
import type { Statements } from "./database.ts";
import type { Listener } from "./listen.ts";
import { FOLLOW } from "./statements.ts";

/** For how long appends tell that somebody follows, and how often that is said again. */
const FOLLOWED_MS = 30_000;
const SAY_AGAIN_MS = 10_000;
/** A look at the table though nothing was heard: a lost connection must not make anybody wait for ever. */
const LOOK_MS = 2000;

/** What following a run needs of its journal. */
export interface Followed extends Statements {
  readonly listener: Listener;
  channel(name: string): string;
  read(runId: string, afterSeq: number): Promise<RunEvent[]>;
}

/**
 * The events of a run after a place, read from the table whenever its driver tells that there are more. That somebody follows is written
 * into the row that appends change: an append comes either before the first look or tells.
 */
export async function* follow(
  journal: Followed,
  runId: string,
  afterSeq: number,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  let seq = afterSeq;
  let saidAt = Number.NEGATIVE_INFINITY;
  let news = true;
  let wake = (): void => undefined;
  const heard = (payload: string | undefined): void => {
    if (payload !== undefined && payload !== runId) return;
    news = true;
    wake();
  };
  const stop = journal.listener.on(journal.channel("events"), heard);
  const left = (): void => wake();
  signal.addEventListener("abort", left);
  try {
    while (!signal.aborted) {
      if (performance.now() - saidAt > SAY_AGAIN_MS) {
        saidAt = performance.now();
        const [row] = (await journal.query("read", FOLLOW, [runId, FOLLOWED_MS])).rows;
        if (row?.["stop_reason"] !== null && Number(row?.["last_seq"]) <= seq) return;
      }
      news = false;
      for (const event of await journal.read(runId, seq)) {
        seq = event.seq;
        yield event;
        if (event.type === "run.finished" && !(await goesOn(journal, runId, seq))) return;
      }
      if (news || signal.aborted) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    stop();
    signal.removeEventListener("abort", left);
  }
}

/** A run that waited, and was gone on with before this was read. */
async function goesOn(journal: Followed, runId: string, seq: number): Promise<boolean> {
  return (await journal.read(runId, seq)).length > 0;
}
