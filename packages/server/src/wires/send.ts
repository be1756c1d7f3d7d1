import type { Writable } from "node:stream";

/** A line of life this often while nothing else comes, so that nobody between takes the connection for dead. */
const HEARTBEAT_MS = 15_000;

export type Frames = AsyncIterator<string | Uint8Array> | Iterator<string>;

/** How frames are sent. */
export interface Pace {
  /** Sent while nothing else comes. Left out: silence. */
  heartbeat?: string;
  /** Read so far ahead of who reads. Left out: as far as the way out itself holds. */
  aheadBytes?: number;
}

/**
 * Writes frames as they come; what comes within one turn of the event loop leaves in one piece. Who can't read as fast stops the frames
 * from being asked for. `left` is called once when the way out closes before the end; `failed` makes the last frame of what they throw.
 */
export function sendFrames(
  out: Writable & { flushHeaders?(): void },
  { heartbeat, aheadBytes = out.writableHighWaterMark }: Pace,
  frames: Frames,
  failed: (error: unknown) => string,
  left: (() => void) | undefined,
): void {
  let pending = "";
  // The head does not wait for the first frame longer than a turn.
  let flushing: NodeJS.Immediate | undefined = setImmediate(() => {
    if (pending === "") out.flushHeaders?.();
    flush();
  });
  let quiet = true;
  let over = false;
  let wake: (() => void) | undefined;

  const flush = (): void => {
    clearImmediate(flushing);
    flushing = undefined;
    if (pending === "") return;
    out.write(pending);
    pending = "";
  };
  const put = (frame: string | Uint8Array): void => {
    quiet = false;
    if (typeof frame === "string") {
      pending += frame;
      flushing ??= setImmediate(flush);
    } else {
      flush();
      out.write(frame);
    }
  };
  const beat = (): void => {
    if (quiet && heartbeat !== undefined && out.writableLength === 0) put(heartbeat);
    quiet = true;
  };
  const timer = heartbeat === undefined ? undefined : setInterval(beat, HEARTBEAT_MS).unref();
  const end = (): void => {
    over = true;
    clearInterval(timer);
    clearImmediate(flushing);
  };

  async function send(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await frames.next();
        if (over) return;
        if (done === true) break;
        put(value);
        if (out.writableLength + pending.length < aheadBytes) continue;
        flush();
        while (out.writableNeedDrain && !over)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } catch (error) {
      if (over) return;
      put(failed(error));
    }
    end();
    out.end(pending);
  }

  const close = (): void => {
    if (over) return;
    end();
    wake?.();
    left?.();
    // What ends badly was asked to end; nobody is left to hear of it.
    Promise.resolve(frames.return?.()).catch(() => {});
  };
  // Who asked may have gone while the answer was prepared.
  if (out.destroyed) {
    close();
    return;
  }
  out.on("drain", () => wake?.());
  // 'close' follows, and that is what counts.
  out.on("error", () => {});
  out.once("close", close);
  void send();
}
