import type { RunEvent } from "hearth";
import { sseFrame } from "./stream.ts";

/** Clients wait this long before they come back: 2 s. */
const RETRY = "retry: 2000\n";

/** All events of a run as they stand in its log, the seq as id. */
export async function* fullFrames(events: AsyncIterable<RunEvent>): AsyncGenerator<string> {
  let head = RETRY;
  for await (const event of events) {
    yield head + sseFrame(event.type, event, event.seq);
    head = "";
  }
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
