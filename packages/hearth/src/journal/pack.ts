import type { EventBody, RunEvent } from "../protocol/index.ts";

/** Pieces of one stream of one moment, as they are stored: most events of a run are such pieces, a few characters each. */
interface Pieces {
  seq: number;
  time: string;
  type: "text.delta" | "thinking.delta" | "call.delta";
  callId?: string;
  pieces: string[];
}

type Stored = Pieces | (Omit<RunEvent, "runId"> & { runId?: string });

type Delta = Extract<EventBody, { type: Pieces["type"] }>;

function isDelta(event: RunEvent): event is RunEvent & Delta {
  return event.type === "text.delta" || event.type === "thinking.delta" || event.type === "call.delta";
}

/** A batch as JSON: without the run's id, which its row has, and with pieces of one moment put together. */
export function pack(events: readonly RunEvent[]): string {
  const out: Stored[] = [];
  let open: Pieces | undefined;
  for (const event of events) {
    if (!isDelta(event)) {
      const { runId: _, ...rest } = event;
      out.push(rest);
      open = undefined;
      continue;
    }
    const callId = event.type === "call.delta" ? event.callId : undefined;
    if (open?.type === event.type && open.time === event.time && open.callId === callId) {
      open.pieces.push(event.text);
      continue;
    }
    const { seq, time, type } = event;
    open = { seq, time, type, ...(callId === undefined ? {} : { callId }), pieces: [event.text] };
    out.push(open);
  }
  return JSON.stringify(out);
}

/** The events of a stored batch. Raises where it is none. */
export function unpack(text: string, runId: string): RunEvent[] {
  const events: RunEvent[] = [];
  for (const stored of JSON.parse(text) as Stored[]) {
    if (!("pieces" in stored)) {
      const { seq, time, ...rest } = stored;
      events.push({ seq, runId, time, ...rest } as RunEvent);
      continue;
    }
    const { pieces, seq, time, type, callId = "" } = stored;
    for (const [i, piece] of pieces.entries()) {
      const head = { seq: seq + i, runId, time };
      events.push(
        type === "call.delta" ? { ...head, type, callId, text: piece } : { ...head, type, text: piece },
      );
    }
  }
  return events;
}
