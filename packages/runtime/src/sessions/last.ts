import {
  apply,
  callsOf,
  emptyState,
  type Journal,
  joinTaint,
  type Message,
  type RunEvent,
  type Taint,
  text,
} from "hearth";

/** Where a session goes on. */
export interface LastSession {
  runId: string;
  /** When that run was started, ISO 8601. */
  startedAt: string;
  model: string;
  /** The conversation, instructions left out: calls and results in pairs, an answer at the end. */
  messages: Message[];
  /** What they hold that counts for what may be done. */
  taint: Taint;
  /** A newer run of the same workspace that has no end: it goes on elsewhere, or its process died. */
  unfinished?: string;
}

/** Runs looked at, newest first, before the search is given up. */
const MAX_RUNS = 200;

/**
 * The newest run of a workspace that has ended, however it ended; `undefined` where the journal holds none.
 * Each run carries the conversation before it, so the newest one holds all of the session.
 */
export async function lastSession(journal: Journal, workspace: string): Promise<LastSession | undefined> {
  let unfinished: string | undefined;
  for (const { runId, startedAt, model, stopReason } of (await journal.list()).slice(0, MAX_RUNS)) {
    const events = await journal.read(runId);
    if (workspaceOf(events) !== workspace) continue;
    if (stopReason === undefined) {
      unfinished ??= runId;
      continue;
    }
    const found = { runId, startedAt, model, ...sessionOf(events) };
    return unfinished === undefined ? found : { ...found, unfinished };
  }
  return undefined;
}

function workspaceOf([first]: readonly RunEvent[]): string | undefined {
  const workspace = first?.type === "run.started" ? first.settings["workspace"] : undefined;
  return typeof workspace === "string" ? workspace : undefined;
}

/** The conversation that a run leaves behind. */
export function sessionOf(events: readonly RunEvent[]): Pick<LastSession, "messages" | "taint"> {
  const state = emptyState();
  for (const event of events) apply(state, event);
  const end = events.findLast((event) => event.type === "run.finished");
  const taint = joinTaint(state.taint, state.coming);
  return { messages: completed(state.messages, end?.text ?? ""), taint };
}

/**
 * A conversation that can be gone on with: instructions left out; a call that has no result yet is left out too, as no engine
 * takes one without the other; where no answer stands at the end, `said` does.
 */
export function completed(messages: readonly Message[], said: string): Message[] {
  const kept = messages.filter((message) => message.role !== "system");
  const last = kept.at(-1);
  if (last?.role === "assistant" && callsOf(last).length > 0) kept.pop();
  if (kept.length > 0 && kept.at(-1)?.role !== "assistant") {
    kept.push({ role: "assistant", content: [text(said || "(This was left without an answer.)")] });
  }
  return kept;
}
