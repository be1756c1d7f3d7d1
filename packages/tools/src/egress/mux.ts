import { Duplex } from "node:stream";

/**
 * Many connections over one stream: the sandbox has no network, only this stream. Both ends run this file; ours takes nothing that the other
 * says on trust: sizes, counts and windows are checked, and a breach ends the stream.
 *
 * A frame is a kind (1 byte), a connection's number (4), the length of what follows (4, big-endian) and that.
 */
const OPEN = 1;
const DATA = 2;
const END = 3;
const CLOSE = 4;
const CREDIT = 5;

const HEAD = 9;
const MAX_PAYLOAD = 64 * 1024;
/** Bytes of one connection on their way and not yet taken: a slow reader stops its own connection only. */
const WINDOW = 256 * 1024;

export interface MuxOptions {
  /** Connections at once; further ones are closed at once. Default 64. */
  maxChannels?: number;
  /** Takes a connection that the other end opened. Left out: it may open none. */
  onOpen?: (channel: Duplex) => void;
}

export class Mux {
  readonly #stream: Duplex;
  readonly #options: MuxOptions;
  readonly #channels = new Map<number, Channel>();
  #lastId = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Duplex, options: MuxOptions = {}) {
    this.#stream = stream;
    this.#options = options;
    stream.on("data", (bytes: Buffer) => this.#take(bytes));
    stream.once("close", () => this.#over());
    stream.once("end", () => this.#over());
    stream.on("error", () => this.#over());
  }

  /** Opens a connection to the other end. */
  open(): Duplex {
    const id = ++this.#lastId;
    const channel = this.#add(id);
    this.send(OPEN, id);
    return channel;
  }

  /** Connections now. */
  get size(): number {
    return this.#channels.size;
  }

  send(kind: number, id: number, payload: Buffer = Buffer.alloc(0)): void {
    if (this.#stream.destroyed || this.#stream.writableEnded) return;
    const head = Buffer.alloc(HEAD);
    head.writeUInt8(kind, 0);
    head.writeUInt32BE(id, 1);
    head.writeUInt32BE(payload.length, 5);
    this.#stream.write(payload.length === 0 ? head : Buffer.concat([head, payload]));
  }

  forget(id: number): void {
    this.#channels.delete(id);
  }

  #add(id: number): Channel {
    const channel = new Channel(this, id);
    this.#channels.set(id, channel);
    return channel;
  }

  #take(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= HEAD && !this.#stream.destroyed) {
      const length = this.#rest.readUInt32BE(5);
      if (length > MAX_PAYLOAD) {
        this.#breach("a frame is too long");
        return;
      }
      if (this.#rest.length < HEAD + length) return;
      const kind = this.#rest.readUInt8(0);
      const id = this.#rest.readUInt32BE(1);
      const payload = this.#rest.subarray(HEAD, HEAD + length);
      this.#rest = this.#rest.subarray(HEAD + length);
      const wrong = this.#frame(kind, id, payload);
      if (wrong !== undefined) this.#breach(wrong);
    }
  }

  /** Does what a frame says; a text where it breaks the rules. */
  #frame(kind: number, id: number, payload: Buffer): string | undefined {
    const channel = this.#channels.get(id);
    if (kind === OPEN) {
      const { onOpen, maxChannels = 64 } = this.#options;
      if (channel !== undefined) return "a connection was opened twice";
      if (onOpen === undefined || this.#channels.size >= maxChannels) this.send(CLOSE, id);
      else onOpen(this.#add(id));
      return undefined;
    }
    // What is not there any more was closed while this was on its way.
    if (channel === undefined) return undefined;
    if (kind === DATA)
      return channel.received(payload) ? undefined : "a connection sent more than its window";
    if (kind === END) channel.finished();
    else if (kind === CLOSE) {
      this.#channels.delete(id);
      channel.dropped();
    } else if (kind === CREDIT && payload.length === 4) channel.granted(payload.readUInt32BE(0));
    else return "a frame has no meaning";
    return undefined;
  }

  #breach(why: string): void {
    this.#stream.destroy(new Error(`The other end broke the rules: ${why}.`));
  }

  #over(): void {
    for (const channel of this.#channels.values()) channel.dropped();
    this.#channels.clear();
  }
}

/** One connection: a stream that never has more under way than its window. */
class Channel extends Duplex {
  readonly #mux: Mux;
  readonly #id: number;
  #credit = WINDOW;
  #untaken = 0;
  #unthanked = 0;
  #waiting: (() => void) | undefined;
  #quiet = false;

  constructor(mux: Mux, id: number) {
    super({ allowHalfOpen: true });
    this.#mux = mux;
    this.#id = id;
    // Who uses it sees the end by "close"; an error nobody listens for must not end the process.
    this.on("error", () => undefined);
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    let at = 0;
    const go = () => {
      this.#waiting = undefined;
      while (at < chunk.length && this.#credit > 0) {
        const part = chunk.subarray(at, at + Math.min(MAX_PAYLOAD, this.#credit));
        this.#credit -= part.length;
        at += part.length;
        this.#mux.send(DATA, this.#id, part);
      }
      if (at < chunk.length) this.#waiting = go;
      else done();
    };
    go();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#mux.send(END, this.#id);
    done();
  }

  override _read(): void {
    if (this.#unthanked === 0) return;
    const credit = Buffer.alloc(4);
    credit.writeUInt32BE(this.#unthanked);
    this.#untaken -= this.#unthanked;
    this.#unthanked = 0;
    this.#mux.send(CREDIT, this.#id, credit);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#quiet) this.#mux.send(CLOSE, this.#id);
    this.#mux.forget(this.#id);
    done(error);
  }

  /** False where the other end sent more than it may. */
  received(payload: Buffer): boolean {
    this.#untaken += payload.length;
    if (this.#untaken > WINDOW) return false;
    this.#unthanked += payload.length;
    if (!this.destroyed && !this.readableEnded) this.push(payload);
    return true;
  }

  finished(): void {
    if (!this.destroyed) this.push(null);
  }

  dropped(): void {
    this.#quiet = true;
    this.destroy();
  }

  granted(bytes: number): void {
    this.#credit = Math.min(WINDOW, this.#credit + bytes);
    this.#waiting?.();
  }
}
