import { lookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import type { Duplex } from "node:stream";
import { isPublicAddress, judgeUrl } from "../judge/index.ts";
import { readHead, serverName } from "./head.ts";
import { Mux } from "./mux.ts";

export interface EgressOptions {
  /** Hosts that programs may reach: "example.com" is that host and all below it. Only from a trusted source; none means no way out. */
  hosts: readonly string[];
  /** Ports beside 80 and 443. */
  ports?: readonly number[];
  /** Bytes in both directions, of all connections. Default 500 MB. */
  maxBytes?: number;
  /** Connections at once. Default 64. */
  maxConnections?: number;
  /** Milliseconds until the name server and the host have answered. Default 10,000. */
  connectMs?: number;
  /** Milliseconds without a byte. Default 30,000. */
  idleMs?: number;
  /** Told of each connection when it is over. */
  log?: (connection: Connection) => void;
  /** Asks the name server; replaced in tests. */
  resolve?: (host: string) => Promise<string[]>;
  /** Whether an address may be connected to; replaced in tests. */
  isAllowed?: (address: string) => boolean;
}

/** One attempt to get out, as the log has it. */
export interface Connection {
  host: string;
  port: number;
  verdict: "allowed" | "refused" | "failed";
  /** Why it was refused or failed, or cut off. */
  reason?: string;
  /** The address that was connected to. */
  address?: string;
  sent: number;
  received: number;
  ms: number;
}

const MAX_BYTES = 500 * 1024 * 1024;
const MAX_HEAD = 16 * 1024;
/** Connections kept for the result; the log is told of all. */
const KEPT = 200;

/** A connection that is not to be. */
class Refused extends Error {
  readonly verdict: "refused" | "failed";
  constructor(verdict: "refused" | "failed", reason: string) {
    super(reason);
    this.verdict = verdict;
  }
}

/**
 * The way out of a sandbox, for the listed hosts only: every connection is judged by its words, by all addresses of its name, by the address
 * that was in fact connected to, and, in a tunnel, by the name that TLS asks for. Bytes and time are bounded.
 */
export class EgressProxy {
  readonly connections: Connection[] = [];
  readonly #options: EgressOptions;
  #bytes = 0;

  constructor(options: EgressOptions) {
    this.#options = options;
  }

  /** Serves what comes over a sandbox's stream (`RunRequest.channel`). */
  attach(stream: Duplex): void {
    const { maxConnections = 64 } = this.#options;
    new Mux(stream, { maxChannels: maxConnections, onOpen: (channel) => void this.#serve(channel) });
  }

  async #serve(channel: Duplex): Promise<void> {
    const began = performance.now();
    const entry: Connection = { host: "", port: 0, verdict: "failed", sent: 0, received: 0, ms: 0 };
    try {
      await this.#pass(channel, entry);
    } catch (error) {
      const refused = error instanceof Refused && error.verdict === "refused";
      if (entry.verdict !== "allowed") entry.verdict = refused ? "refused" : "failed";
      entry.reason = error instanceof Error ? error.message : String(error);
      if (!channel.destroyed && entry.verdict !== "allowed") {
        const body = `Hearth: ${entry.reason}\n`;
        const status = refused ? "403 Forbidden" : "502 Bad Gateway";
        channel.end(
          `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
        );
        channel.resume();
      } else channel.destroy();
    } finally {
      entry.ms = Math.round(performance.now() - began);
      if (this.connections.length < KEPT) this.connections.push(entry);
      this.#options.log?.(entry);
    }
  }

  async #pass(channel: Duplex, entry: Connection): Promise<void> {
    const { head, rest } = await readUntil(channel, this.#options.connectMs ?? 10_000);
    const asked = readHead(head);
    if (typeof asked === "string") throw new Refused("refused", asked);
    const url = new URL(asked.url);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    entry.host = host;
    entry.port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
    const { hosts, ports = [] } = this.#options;
    const judged = judgeUrl(asked.url, { hosts, ports });
    if (judged.verdict !== "allow") throw new Refused("refused", judged.reason);
    if (this.#bytes >= this.#most)
      throw new Refused("refused", "All bytes that may leave or come are used up.");
    const server = await this.#dial(host, entry.port);
    entry.address = server.remoteAddress ?? "";
    entry.verdict = "allowed";
    if (asked.tunnel) channel.write("HTTP/1.1 200 Connection established\r\n\r\n");
    else server.write(asked.forward);
    await this.#join(channel, server, entry, asked.tunnel ? { host, rest } : undefined);
  }

  get #most(): number {
    return this.#options.maxBytes ?? MAX_BYTES;
  }

  async #dial(host: string, port: number): Promise<Socket> {
    const { connectMs = 10_000, resolve = systemResolve, isAllowed } = this.#options;
    const own = Object.values(networkInterfaces()).flatMap((list) =>
      (list ?? []).map(({ address }) => address),
    );
    const allowed = isAllowed ?? ((address: string) => isPublicAddress(address, own));
    const late = AbortSignal.timeout(connectMs);
    const addresses =
      isIP(host) !== 0 ? [host] : await unless(late, resolve(host), `${host} has no address.`);
    const bad = addresses.find((address) => !allowed(address));
    if (bad !== undefined)
      throw new Refused("refused", `${host} leads to ${bad}, which is no public address.`);
    for (const address of addresses.slice(0, 4)) {
      const socket = await tryConnect(address, port, late);
      if (socket === undefined) continue;
      if (allowed(socket.remoteAddress ?? "")) return socket;
      socket.destroy();
      throw new Refused(
        "refused",
        `${host} connected to ${socket.remoteAddress}, which is no public address.`,
      );
    }
    throw new Refused("failed", `${host} can't be reached.`);
  }

  /** Carries bytes both ways until both sides have ended, or a bound is reached. */
  #join(
    channel: Duplex,
    server: Socket,
    entry: Connection,
    tunnel: { host: string; rest: Buffer } | undefined,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (reason?: string) => {
        server.destroy();
        if (reason === undefined) channel.destroy();
        if (reason === undefined) resolve();
        else reject(new Refused("refused", reason));
      };
      const count = (key: "sent" | "received", length: number) => {
        entry[key] += length;
        this.#bytes += length;
        if (this.#bytes > this.#most) stop("All bytes that may leave or come are used up.");
      };
      server.setTimeout(this.#options.idleMs ?? 30_000, () => stop("Nothing came for too long."));
      server.on("error", () => stop());
      server.on("close", () => {
        channel.end();
        resolve();
      });
      channel.on("close", () => stop());
      server.on("data", (bytes: Buffer) => {
        count("received", bytes.length);
        if (!channel.write(bytes)) server.pause();
      });
      channel.on("drain", () => server.resume());
      server.on("end", () => channel.end());
      server.on("drain", () => channel.resume());
      const forward = (bytes: Buffer) => {
        count("sent", bytes.length);
        if (!server.destroyed && !server.write(bytes)) channel.pause();
      };
      // Without a tunnel nothing more is passed on than the head: a second request would be for whom it likes.
      if (tunnel !== undefined) this.#watchName(channel, tunnel, forward, stop);
      channel.resume();
      channel.on("end", () => server.end());
    });
  }

  /** Lets nothing through before the name that TLS asks for is the one that was judged. */
  #watchName(
    channel: Duplex,
    { host, rest }: { host: string; rest: Buffer },
    forward: (bytes: Buffer) => void,
    stop: (reason: string) => void,
  ): void {
    let seen: Buffer | undefined = rest;
    const look = () => {
      if (seen === undefined) return;
      const name = seen.length > MAX_HEAD ? undefined : serverName(seen);
      if (name === "more") return;
      if (name !== host.toLowerCase() && !(name === undefined && isIP(host) !== 0 && seen[0] === 0x16))
        return stop(`The tunnel to ${host} asked for ${name ?? "no name by TLS"}.`);
      forward(seen);
      seen = undefined;
    };
    channel.on("data", (bytes: Buffer) => {
      if (seen === undefined) return forward(bytes);
      seen = Buffer.concat([seen, bytes]);
      look();
    });
    if (rest.length > 0) look();
  }
}

/** Reads a request's head and what came with it. */
function readUntil(channel: Duplex, ms: number): Promise<{ head: string; rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    const over = (error?: Refused) => {
      clearTimeout(timer);
      channel.off("data", take);
      channel.off("close", left);
      channel.off("end", left);
      channel.pause();
      if (error !== undefined) reject(error);
    };
    const left = () => over(new Refused("failed", "The program went away."));
    const timer = setTimeout(() => over(new Refused("failed", "No request came.")), ms);
    const take = (bytes: Buffer) => {
      seen = Buffer.concat([seen, bytes]);
      const end = seen.indexOf("\r\n\r\n");
      if (end < 0 && seen.length <= MAX_HEAD) return;
      if (end < 0 || end > MAX_HEAD) return over(new Refused("refused", "The request's head is too long."));
      over();
      resolve({ head: seen.toString("latin1", 0, end), rest: seen.subarray(end + 4) });
    };
    channel.on("data", take);
    channel.once("close", left);
    channel.once("end", left);
  });
}

async function systemResolve(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

async function unless(late: AbortSignal, work: Promise<string[]>, why: string): Promise<string[]> {
  const stopped = new Promise<never>((_, reject) =>
    late.addEventListener("abort", () => reject(new Refused("failed", "The name server does not answer.")), {
      once: true,
    }),
  );
  const found = await Promise.race([work.catch(() => [] as string[]), stopped]);
  if (found.length === 0) throw new Refused("failed", why);
  return found;
}

function tryConnect(address: string, port: number, late: AbortSignal): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const over = (found: Socket | undefined) => {
      socket.off("error", failed);
      late.removeEventListener("abort", failed);
      if (found === undefined) socket.destroy();
      resolve(found);
    };
    const failed = () => over(undefined);
    socket.on("error", failed);
    late.addEventListener("abort", failed, { once: true });
    socket.once("connect", () => over(socket));
    if (late.aborted) failed();
  });
}
