import type { Dispatcher } from "undici";
import { CancelledError, type EngineError } from "../../protocol/index.ts";
import { HttpAnswer, silentError } from "./answer.ts";
import { openConnections } from "./connections.ts";
import type { Endpoint } from "./endpoint.ts";
import { cancelError, connectError, connectTimeout, isClosed, reasonOf } from "./network-errors.ts";

/** A connection stands within this time or is given up: 10 s. */
export const CONNECT_TIMEOUT_MS = 10_000;
/**
 * A kept connection that the server had closed fails within one round trip; what fails later was heard, and is the
 * loop's to repeat.
 */
const STALE_LOCAL_MS = 20;
const STALE_REMOTE_MS = 500;
const JSON_BODY = { "content-type": "application/json" };

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
  #connections: Dispatcher | undefined;
  /** Connections ever made: where none came while a request waited, a kept one took it. */
  #made = 0;
  #opening: Promise<Dispatcher> | undefined;
  /** With those that were retired while requests ran on them. */
  readonly #all = new Set<Dispatcher>();
  readonly #headers: Record<string, string>;

  constructor(endpoint: Endpoint, options: HttpOptions = {}) {
    this.endpoint = endpoint;
    this.#options = options;
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
    const body = request.json === undefined ? undefined : JSON.stringify(request.json);
    const connections = this.#connections ?? (await this.#open());
    try {
      return await this.#exchange(path, request, body, connections);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      this.#retire(connections);
      return await this.#exchange(path, request, body, this.#connections ?? (await this.#open()));
    }
  }

  close(): void {
    for (const connections of this.#all) void connections.destroy();
    this.#all.clear();
    this.#connections = undefined;
  }

  /** Many who ask at once wait for the same ones. */
  #open(): Promise<Dispatcher> {
    const { connectTimeoutMs = CONNECT_TIMEOUT_MS, env = process.env } = this.#options;
    this.#opening ??= openConnections(this.endpoint, connectTimeoutMs, env).then((connections) => {
      this.#opening = undefined;
      this.#connections = connections;
      this.#all.add(connections);
      connections.on("connect", () => this.#made++);
      return connections;
    });
    return this.#opening;
  }

  /** Where one kept connection is dead, the idle others are too; those in use go on and are closed then. */
  #retire(connections: Dispatcher): void {
    if (this.#connections !== connections) return;
    this.#connections = undefined;
    const gone = (): unknown => this.#all.delete(connections);
    // It fails where all is closed meanwhile: they are gone then too.
    void connections.close().then(gone, gone);
  }

  #exchange(
    path: string,
    request: HttpRequest,
    body: string | undefined,
    connections: Dispatcher,
  ): Promise<HttpAnswer> {
    const { address, origin, path: base } = this.endpoint;
    const { signal, method } = request;
    const idleTimeoutMs = request.idleTimeoutMs ?? this.#options.idleTimeoutMs;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(cancelError(signal, address));
        return;
      }
      let controller: Dispatcher.DispatchController | undefined;
      let answer: HttpAnswer | undefined;
      let failure: Error | undefined;
      let startedAtMs = 0;
      let timer: NodeJS.Timeout | undefined;
      const made = this.#made;
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      const fail = (error: Error): void => {
        if (failure !== undefined || answer !== undefined) return;
        failure = error;
        settle();
        reject(error);
        controller?.abort(error);
      };
      const onAbort = (): void => fail(cancelError(signal!, address));
      signal?.addEventListener("abort", onAbort, { once: true });
      if (request.handle !== undefined)
        request.handle.close = () => fail(new CancelledError(`Nobody waits for ${address} any more.`));
      const headers = body === undefined ? this.#headers : { ...this.#headers, ...JSON_BODY };
      connections.dispatch(
        { origin, path: base + path, method, headers, body: body ?? null },
        {
          onRequestStart(control) {
            controller = control;
            if (failure !== undefined) {
              control.abort(failure);
              return;
            }
            startedAtMs = performance.now();
            if (idleTimeoutMs !== undefined)
              timer = setTimeout(() => fail(silentError(address, idleTimeoutMs)), idleTimeoutMs);
          },
          onResponseStart(control, status, head) {
            if (status < 200 || failure !== undefined) return;
            settle();
            answer = new HttpAnswer(status, head, control, { address, signal, idleTimeoutMs });
            resolve(answer);
          },
          onResponseData: (_control, chunk) => answer?.hold(chunk),
          onResponseEnd: () => answer?.end(),
          onResponseError: (_control, error) => {
            if (answer === undefined)
              fail(this.#failure(error, made > 0 && made === this.#made, startedAtMs));
            else answer.end(error);
          },
        },
      );
    });
  }

  #failure(error: Error, reused: boolean, startedAtMs: number): StaleConnection | EngineError {
    const { code } = reasonOf(error);
    const within = this.endpoint.loopback ? STALE_LOCAL_MS : STALE_REMOTE_MS;
    if (reused && isClosed(code) && performance.now() - startedAtMs < within) return new StaleConnection();
    const { connectTimeoutMs = CONNECT_TIMEOUT_MS } = this.#options;
    if (code === "UND_ERR_CONNECT_TIMEOUT") return connectTimeout(this.endpoint.address, connectTimeoutMs);
    return connectError(error, this.endpoint.address);
  }
}
