import { Writable } from "node:stream";

/**
 * Takes a stream for oneself: what anybody else writes to it (a tool's `console.log`) goes to `other` instead. Returns the
 * way that is left to the stream itself.
 */
export function diverted(stream: NodeJS.WriteStream, other: NodeJS.WriteStream): Writable {
  const write = stream.write.bind(stream);
  const instead = other.write.bind(other);
  stream.write = instead;
  const own = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      write(chunk, (error) => done(error ?? null));
    },
  });
  stream.on("error", (error) => own.destroy(error));
  // Whoever cares hears of it from `own`.
  own.on("error", () => undefined);
  return own;
}
