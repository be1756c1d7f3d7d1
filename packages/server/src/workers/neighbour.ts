import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import { type Journal, type RunEvent, UsageError } from "hearth";
import type { LiveRuns } from "../wires/live.ts";
import { isSealed, SEAL_HEADER, seal } from "./letter.ts";

/** A line of life so often, so that a worker that is frozen is told from a run in which nothing happens. */
const ALIVE_MS = 1000;
/** A neighbour that is silent for so long is given up; the tables have the rest. */
const SILENT_MS = 3500;
const PATH = /^\/runs\/([^/?]+)\/events\?after=(\d{1,15})$/;

export interface NeighbourOptions {
  host: string;
  /** Shared by the workers of one database. */
  secret: string;
  journal: Journal;
  live: LiveRuns;
}

/** What this worker tells others of the runs that it drives: their events the moment they are in the journal. */
export interface NeighbourServer {
  url: string;
  close(): Promise<void>;
}

/** Listens on a port of its own, for workers only: it takes no key and serves no page. */
export async function tellNeighbours(options: NeighbourOptions): Promise<NeighbourServer> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch(() => response.destroy());
  });
  server.listen(0, options.host);
  await Promise.race([once(server, "listening"), failure(server, options.host)]);
  // A service that ends does not wait for its neighbours.
  server.unref();
  const { port, address } = server.address() as AddressInfo;
  const host = address === "0.0.0.0" || address === "::" ? options.host : address;
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function failure(server: Server, host: string): Promise<never> {
  const [cause] = await once(server, "error");
  throw new UsageError(`Other workers can't reach this one at ${host}: ${cause.message}.`, {
    cause,
    remedy: "Name an address of this machine with --worker-host.",
  });
}

async function answer(
  { secret, journal, live }: NeighbourOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url ?? "";
  const sealed = String(request.headers[SEAL_HEADER] ?? "");
  if (!isSealed(secret, path, sealed, Date.now())) return end(response, 401);
  const [, id = "", after = "0"] = PATH.exec(path) ?? [];
  const run = live.get(decodeURIComponent(id));
  if (request.method !== "GET" || run === undefined) return end(response, 404);
  const left = new AbortController();
  response.once("close", () => left.abort());
  response.writeHead(200, { "content-type": "application/x-ndjson" }).flushHeaders();
  const alive = setInterval(() => response.write("\n"), ALIVE_MS);
  try {
    let seq = Number(after);
    const write = async (event: RunEvent): Promise<void> => {
      seq = event.seq;
      if (!response.write(`${JSON.stringify(event)}\n`))
        await once(response, "drain", { signal: left.signal });
    };
    for (const event of await journal.read(run.run.id, seq)) await write(event);
    for await (const event of run.follow(seq, left.signal)) await write(event);
    response.end();
  } finally {
    clearInterval(alive);
  }
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}

/**
 * Events of a run from the worker that drives it, as long as it tells any. Whatever goes wrong ends them: who follows goes on in the tables.
 */
export async function* fromNeighbour(
  url: string,
  secret: string,
  runId: string,
  afterSeq: number,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  const path = `/runs/${encodeURIComponent(runId)}/events?after=${afterSeq}`;
  const silent = new AbortController();
  let timer = setTimeout(() => silent.abort(), SILENT_MS);
  try {
    const reply = await fetch(url + path, {
      headers: { [SEAL_HEADER]: seal(secret, path, Date.now()) },
      signal: AbortSignal.any([signal, silent.signal]),
      redirect: "error",
    });
    if (reply.status !== 200 || reply.body === null) return;
    let rest = "";
    for await (const chunk of reply.body.pipeThrough(new TextDecoderStream())) {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), SILENT_MS);
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") yield JSON.parse(line) as RunEvent;
    }
  } catch {
    // Gone, frozen or not to be reached: nothing that the tables don't know.
    return;
  } finally {
    clearTimeout(timer);
    silent.abort();
  }
}
