import type { RunEvent } from "hearth";

/** One server-sent event. Data is one JSON value, so that line breaks in texts stay inside it. */
export function sseFrame(event: string, data: unknown, id?: number): string {
  const head = id === undefined ? "" : `id: ${id}\n`;
  return `${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** All events of a run, as they stand in its log. */
export async function* fullFrames(events: AsyncIterable<RunEvent>): AsyncGenerator<string> {
  for await (const event of events) yield sseFrame(event.type, event, event.seq);
}

/**
 * The four plain events: `delta` a string, `tool_calls` `[{name,args}]`, `tool_result` `{name,result}`, `done` the full text.
 * Calls of one answer go out together, at the latest before the first of their results.
 */
export async function* simpleFrames(events: AsyncIterable<RunEvent>): AsyncGenerator<string> {
  let calls: { name: string; args: unknown }[] = [];
  for await (const event of events) {
    if (calls.length > 0 && (event.type === "call.finished" || event.type === "step.finished")) {
      yield sseFrame("tool_calls", calls);
      calls = [];
    }
    if (event.type === "text.delta") yield sseFrame("delta", event.text);
    else if (event.type === "call.ready") calls.push({ name: event.name, args: event.arguments });
    else if (event.type === "call.finished") {
      yield sseFrame("tool_result", { name: event.name, result: event.content });
    } else if (event.type === "run.finished") yield sseFrame("done", event.text);
  }
}

/**
 * Frames as a response body. Read only as fast as the client reads; `left` is called once when it goes away early.
 */
export function bodyOf(frames: AsyncGenerator<string>, left: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await frames.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      left();
      await frames.return(undefined);
    },
  });
}
