import { lookup as systemLookup } from "node:dns";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { networkInterfaces } from "node:os";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { ToolError } from "hearth";
import { isPublicAddress, judgeUrl, type UrlRules } from "../judge/index.ts";

export interface GuardOptions {
  rules?: UrlRules;
  /** Milliseconds for everything, redirects included. Default 20,000. */
  timeoutMs?: number;
  /** Bytes of the body at most, as sent and as unpacked. Default 5 MB. */
  maxBytes?: number;
  maxRedirects?: number;
  signal?: AbortSignal;
  /** Asks the name server; replaced in tests. */
  resolve?: (host: string) => Promise<string[]>;
  /** Whether an address may be connected to; replaced in tests. */
  isAllowed?: (address: string) => boolean;
}

export interface Fetched {
  status: number;
  /** Where the body came from, after redirects. */
  url: string;
  type: string;
  body: Buffer;
  /** The body was longer than allowed; this is its beginning. */
  cut: boolean;
  redirects: number;
}

const TIMEOUT_MS = 20_000;
const MAX_BYTES = 5 * 1024 * 1024;
const MAX_REDIRECTS = 5;

/**
 * Fetches a page. Each hop is judged by its words, then by all addresses of its name, then by the address that was in fact connected to:
 * a literal address skips the name server, and a name may answer differently the second time.
 */
export async function guardedFetch(input: string, options: GuardOptions = {}): Promise<Fetched> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  let url = input;
  try {
    for (let redirects = 0; ; redirects++) {
      const answer = await hop(url, options, signal);
      if (typeof answer !== "string") return { ...answer, redirects };
      if (redirects >= (options.maxRedirects ?? MAX_REDIRECTS))
        throw new ToolError("The page redirects too often.");
      url = new URL(answer, url).href;
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (timeout.aborted) throw new ToolError(`${hostOf(url)} did not answer in time.`, { cause: error });
    throw error instanceof ToolError ? error : failed(url, error);
  }
}

/** One request: the page, or where it redirects to. */
async function hop(
  input: string,
  options: GuardOptions,
  signal: AbortSignal,
): Promise<string | Omit<Fetched, "redirects">> {
  const judged = judgeUrl(input, options.rules);
  if (judged.verdict !== "allow") throw new ToolError(`Not fetched: ${judged.reason}`);
  const url = new URL(input);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const own = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address }) => address),
  );
  const allowed = options.isAllowed ?? ((address: string) => isPublicAddress(address, own));
  const addresses = isIP(host) !== 0 ? [host] : await unless(signal, (options.resolve ?? resolve)(host));
  const bad = addresses.find((address) => !allowed(address));
  if (addresses.length === 0 || bad !== undefined) {
    throw new ToolError(
      `Not fetched: ${host} ${bad === undefined ? "has no address" : `leads to ${bad}, which is no public address`}.`,
    );
  }
  const response = await send(url, addresses, allowed, signal);
  const status = response.statusCode ?? 0;
  const location = response.headers.location;
  if ([301, 302, 303, 307, 308].includes(status) && location !== undefined) {
    response.destroy();
    return location;
  }
  const { body, cut } = await read(response, options.maxBytes ?? MAX_BYTES, signal);
  return { status, url: url.href, type: response.headers["content-type"] ?? "", body, cut };
}

/** A name server may keep silent for longer than we wait. */
function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((done, fail) => {
    const stop = () => fail(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    work.then(done, fail).finally(() => signal.removeEventListener("abort", stop));
  });
}

function resolve(host: string): Promise<string[]> {
  return new Promise((done, fail) => {
    systemLookup(host, { all: true }, (error, list) =>
      error ? fail(error) : done(list.map(({ address }) => address)),
    );
  });
}

function send(
  url: URL,
  addresses: readonly string[],
  allowed: (address: string) => boolean,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  // Only the addresses that were judged, whatever the name server would say now.
  const lookup: LookupFunction = (_host, wanted, done) => {
    const list = addresses.map((address) => ({ address, family: isIP(address) }));
    if (wanted.all === true) done(null, list);
    else done(null, list[0]!.address, list[0]!.family);
  };
  return new Promise((done, fail) => {
    const sent = request(url, {
      method: "GET",
      // A connection of its own: no cookie, no key, no proxy of the environment, nothing kept.
      agent: false,
      lookup,
      signal,
      headers: {
        "user-agent": "Mozilla/5.0 (compatible; Hearth)",
        accept: "text/html, text/plain, application/json;q=0.9, */*;q=0.5",
        "accept-encoding": "gzip, deflate, br",
        "accept-language": "en, *;q=0.5",
      },
    });
    sent.on("socket", (socket) => {
      socket.once("connect", () => {
        const peer = socket.remoteAddress ?? "";
        if (!allowed(peer))
          sent.destroy(
            new ToolError(`Not fetched: ${url.hostname} connected to ${peer}, which is no public address.`),
          );
      });
    });
    sent.once("response", done);
    sent.once("error", fail);
    sent.end();
  });
}

/** The body, unpacked, up to a bound that counts what came and what it became: a small file may unpack to gigabytes. */
async function read(
  response: IncomingMessage,
  maxBytes: number,
  signal: AbortSignal,
): Promise<{ body: Buffer; cut: boolean }> {
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase();
  const unpack =
    encoding === "gzip" || encoding === "x-gzip"
      ? createGunzip()
      : encoding === "deflate"
        ? createInflate()
        : encoding === "br"
          ? createBrotliDecompress()
          : undefined;
  if (unpack === undefined && encoding !== undefined && encoding !== "identity") {
    response.destroy();
    throw new ToolError(`The page is packed as ${encoding.slice(0, 20)}, which is not understood.`);
  }
  const stream = unpack === undefined ? response : response.pipe(unpack);
  if (unpack !== undefined) response.on("error", (error) => unpack.destroy(error));
  const chunks: Buffer[] = [];
  let bytes = 0;
  let cut = false;
  for await (const chunk of stream) {
    signal.throwIfAborted();
    const piece = Buffer.from(chunk);
    chunks.push(piece.subarray(0, Math.max(0, maxBytes - bytes)));
    bytes += piece.length;
    if (bytes > maxBytes) {
      cut = true;
      break;
    }
  }
  response.destroy();
  unpack?.destroy();
  return { body: Buffer.concat(chunks), cut };
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname ?? "The server";
}

const CODES: Readonly<Record<string, string>> = {
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name server does not answer",
  ECONNREFUSED: "it refuses the connection",
  ECONNRESET: "it broke the connection off",
  EHOSTUNREACH: "it can't be reached",
  ENETUNREACH: "there is no network",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
};

function failed(url: string, error: unknown): ToolError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const why = CODES[code] ?? (error instanceof Error ? error.message : String(error));
  return new ToolError(`${hostOf(url)} could not be fetched: ${why}.`, { cause: error });
}
