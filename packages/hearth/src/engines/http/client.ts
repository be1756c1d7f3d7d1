import http from "node:http";
import https from "node:https";
import { CancelledError, type EngineError } from "../../protocol/index.ts";
import { HttpAnswer, silentError } from "./answer.ts";
import type { Endpoint } from "./endpoint.ts";
import { cancelError, connectError, connectTimeout, reasonOf } from "./network-errors.ts";

/** A connection stands within this time or is given up: 10 s. */
export const CONNECT_TIMEOUT_MS = 10_000;
/**
 * A kept connection that the server had closed fails within one round trip; what fails later was heard, and is the
 * loop's to repeat.
 */
const STALE_LOCAL_MS = 20;
const STALE_REMOTE_MS = 500;
/** Connections kept for the next request; a burst must not leave its own behind for ever. */
const MAX_IDLE = 32;

export interface HttpOptions {
  headers?: Readonly<Record<string, string>>;
  /** Default 10,000. Covers looking up the name, TCP and TLS; says nothing of how long an answer may take. */
  connectTimeoutMs?: number;
  /** How long the engine may say nothing. Default: for ever, since a large prompt on a small machine takes minutes. */
  idleTimeoutMs?: number;
  /** Where `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY` are read from. Default: the process environment. */
  env?: NodeJS.ProcessEnv;
}

export interface HttpRequest {
  method: "GET" | "POST";
  json?: unknown;
  signal?: AbortSignal | undefined;
  idleTimeoutMs?: number | undefined;
  /** Filled while the answer is awaited: closes the connection where nobody waits for it any more. */
  handle?: { close?: () => void };
}

/** A kept connection was dead before it was used. */
class StaleConnection extends Error {}

/** Requests to one endpoint over kept connections. No wall on how long an answer takes. */
export class HttpClient {
  readonly endpoint: Endpoint;
  readonly #options: HttpOptions;
  #agent: http.Agent;
  /** Former agents with requests that still run. */
  #retired: http.Agent[] = [];
  readonly #headers: Record<string, string>;

  constructor(endpoint: Endpoint, options: HttpOptions = {}) {
    this.endpoint = endpoint;
    this.#options = options;
    this.#agent = this.#newAgent();
    this.#headers = { accept: "*/*" };
    if (endpoint.authorization !== undefined) this.#headers["authorization"] = endpoint.authorization;
    for (const [name, value] of Object.entries(options.headers ?? {}))
      this.#headers[name.toLowerCase()] = value;
  }

  /**
   * Sends a request and waits for the head of its answer, whatever its status. Raises `EngineUnreachableError`,
   * `EngineTimeoutError`, and on abort the signal's reason.
   */
  async send(path: string, request: HttpRequest): Promise<HttpAnswer> {
    // As a string, head and body go out in one write.
    const body = request.json === undefined ? undefined : JSON.stringify(request.json);
    try {
      return await this.#exchange(path, request, body, this.#agent);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      this.#renew();
      return await this.#exchange(path, request, body, this.#agent);
    }
  }

  close(): void {
    for (const agent of [this.#agent, ...this.#retired]) agent.destroy();
  }

  #newAgent(): http.Agent {
    const { secure, loopback } = this.endpoint;
    const proxy = loopback ? {} : { proxyEnv: this.#options.env ?? process.env };
    return new (secure ? https : http).Agent({
      keepAlive: true,
      maxFreeSockets: MAX_IDLE,
      scheduling: "lifo",
      ...proxy,
    });
  }

  /** Where one kept connection is dead, the idle others are too; those in use go on. */
  #renew(): void {
    for (const idle of Object.values(this.#agent.freeSockets))
      for (const socket of idle ?? []) socket.destroy();
    // Nobody asks this agent again: what is freed later would stay open for as long as the server likes.
    this.#agent.maxFreeSockets = 0;
    this.#retired = [...this.#retired.filter((agent) => Object.keys(agent.sockets).length > 0), this.#agent];
    this.#agent = this.#newAgent();
  }

  #exchange(
    path: string,
    request: HttpRequest,
    body: string | undefined,
    agent: http.Agent,
  ): Promise<HttpAnswer> {
    const { endpoint } = this;
    const { signal, method } = request;
    const connectMs = this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    const idleTimeoutMs = request.idleTimeoutMs ?? this.#options.idleTimeoutMs;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(cancelError(signal, endpoint.address));
        return;
      }
      const { hostname, port } = endpoint;
      const headers = bodyHeaders(this.#headers, body);
      const outgoing = (endpoint.secure ? https : http).request({
        hostname,
        port,
        path: endpoint.path + path,
        method,
        headers,
        agent,
      });
      let sentAtMs: number | undefined;
      let timer: NodeJS.Timeout | undefined;
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      const fail = (error: Error): void => {
        settle();
        reject(error);
        outgoing.destroy();
      };
      const onAbort = (): void => fail(cancelError(signal!, endpoint.address));
      const onConnected = (): void => {
        clearTimeout(timer);
        if (idleTimeoutMs === undefined) return;
        timer = setTimeout(() => fail(silentError(endpoint.address, idleTimeoutMs)), idleTimeoutMs);
      };
      timer = setTimeout(() => fail(connectTimeout(endpoint.address, connectMs)), connectMs);
      signal?.addEventListener("abort", onAbort, { once: true });
      if (request.handle !== undefined) {
        request.handle.close = () =>
          fail(new CancelledError(`Nobody waits for ${endpoint.address} any more.`));
      }
      outgoing.once("socket", (socket) => {
        if (outgoing.reusedSocket || !socket.connecting) onConnected();
        else socket.once(endpoint.secure ? "secureConnect" : "connect", onConnected);
      });
      outgoing.once("finish", () => {
        sentAtMs = performance.now();
      });
      outgoing.on("error", (error) => fail(this.#failure(error, outgoing.reusedSocket, sentAtMs)));
      outgoing.once("response", (message) => {
        settle();
        resolve(new HttpAnswer(message, { address: endpoint.address, signal, idleTimeoutMs }));
      });
      outgoing.end(body);
    });
  }

  #failure(error: Error, reused: boolean, sentAtMs: number | undefined): StaleConnection | EngineError {
    const { code } = reasonOf(error);
    const within = this.endpoint.loopback ? STALE_LOCAL_MS : STALE_REMOTE_MS;
    const early = sentAtMs === undefined || performance.now() - sentAtMs < within;
    if (reused && early && (code === "ECONNRESET" || code === "EPIPE")) return new StaleConnection();
    return connectError(error, this.endpoint.address);
  }
}

function bodyHeaders(base: Record<string, string>, body: string | undefined): Record<string, string> {
  if (body === undefined) return base;
  return { ...base, "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
}
