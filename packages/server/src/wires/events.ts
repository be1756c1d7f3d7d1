import type { RunEvent } from "hearth";
import { sseFrame } from "./stream.ts";

/** Clients wait this long before they come back: 2 s. */
const RETRY = "retry: 2000\n";

/** All events of a run as they stand in its log, the seq as id. */
export async function* fullFrames(events: AsyncIterable<RunEvent>): AsyncGenerator<string | Uint8Array> {
  let first = true;
  for await (const event of events) {
    if (first) yield RETRY;
    first = false;
    yield frameOf(event);
  }
}

/** Those who follow one run live are at the same few events: each is written out once for all of them. */
const RECENT = 64;
const recent: { event: RunEvent; bytes: Uint8Array }[] = [];

function frameOf(event: RunEvent): Uint8Array {
  const at = event.seq % RECENT;
  const known = recent[at];
  if (known?.event === event) return known.bytes;
  const bytes = Buffer.from(sseFrame(event.type, event, event.seq));
  recent[at] = { event, bytes };
  return bytes;
}

/**
 * The four plain events: `delta` a string, `tool_calls` `[{name,args}]`, `tool_result` `{name,result}`, `done` the full text.
 * Calls of one answer go out together once it is whole; results that were there earlier follow them.
 */
export async function* simpleFrames(events: AsyncIterable<RunEvent>): AsyncGenerator<string> {
  let calls: { name: string; args: unknown }[] = [];
  let early: string[] = [];
  let streaming = false;
  for await (const event of events) {
    switch (event.type) {
      case "step.started":
        streaming = true;
        break;
      case "text.delta":
        yield sseFrame("delta", event.text);
        break;
      case "call.ready":
        calls.push({ name: event.name, args: event.arguments });
        break;
      case "call.finished": {
        const frame = sseFrame("tool_result", { name: event.name, result: event.content });
        if (streaming) early.push(frame);
        else yield frame;
        break;
      }
      case "step.discarded":
      case "step.finished":
        streaming = false;
        if (calls.length > 0) yield sseFrame("tool_calls", calls);
        yield* early;
        calls = [];
        early = [];
        break;
      case "run.finished":
        yield sseFrame("done", event.text);
        break;
      default:
    }
  }
}
