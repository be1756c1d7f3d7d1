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
