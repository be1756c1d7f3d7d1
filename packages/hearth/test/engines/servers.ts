/** Servers and small readers for the tests of the engines. */
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import https from "node:https";
import type { Server as NetServer, Socket } from "node:net";
import type { EngineEvent } from "../../src/engines/types.ts";

export interface SeenRequest {
  method: string;
  path: string;
  headers: http.IncomingHttpHeaders;
  body: string;
  /** Which connection it came over, from 1. */
  socket: number;
  /** Resolves when the exchange is over, with whether the client left before the end. */
  closed: Promise<boolean>;
}

export interface TestServer {
  url: string;
  port: number;
  seen: SeenRequest[];
  sockets: Set<Socket>;
  close(): Promise<void>;
}

type Handler = (request: SeenRequest, response: ServerResponse, n: number) => unknown;

/** A server on loopback; `n` counts requests from 0. */
export async function serve(
  handler: Handler,
  options: { tls?: { key: string; cert: string } } = {},
): Promise<TestServer> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const numbers = new WeakMap<Socket, number>();
  const onRequest = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    incoming.on("error", () => undefined);
    try {
      for await (const chunk of incoming) chunks.push(chunk);
    } catch {
      return; // The client left while it was still sending.
    }
    const request: SeenRequest = {
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString("utf8"),
      socket: numbers.get(incoming.socket) ?? 0,
      closed: new Promise((resolve) => response.once("close", () => resolve(!response.writableFinished))),
    };
    await handler(request, response, seen.push(request) - 1);
  };
  const listener: RequestListener = (incoming, response) => {
    onRequest(incoming, response).catch((error: unknown) => response.destroy(asError(error)));
  };
  const server: NetServer =
    options.tls === undefined ? http.createServer(listener) : https.createServer(options.tls, listener);
  server.on(options.tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
    numbers.set(socket, sockets.size + 1);
    sockets.add(socket);
  });
  const port = await listen(server);
  return {
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    port,
    seen,
    sockets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export async function listen(server: NetServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
  response.end(typeof value === "string" ? value : JSON.stringify(value));
}

/** All events, and the error that ended them, if one did. */
export async function collect(
  events: AsyncIterable<EngineEvent>,
): Promise<{ events: EngineEvent[]; error: unknown }> {
  const out: EngineEvent[] = [];
  try {
    for await (const event of events) out.push(event);
  } catch (error) {
    return { events: out, error };
  }
  return { events: out, error: undefined };
}

/** What an answer amounts to, however it was cut into events. */
export function summary(events: readonly EngineEvent[]) {
  const calls: { name: string; arguments: unknown }[] = [];
  let text = "";
  let thinking = "";
  const out: { usage?: EngineEvent; finish?: string; contextTokens?: number } = {};
  for (const event of events) {
    if (event.type === "text") text += event.text;
    else if (event.type === "thinking") thinking += event.text;
    else if (event.type === "call.end")
      calls.push({ name: event.name, arguments: event.arguments ?? event.argumentsText });
    else if (event.type === "usage") out.usage = event;
    else if (event.type === "finish") {
      out.finish = event.reason;
      if (event.contextTokens !== undefined) out.contextTokens = event.contextTokens;
    }
  }
  return { text, thinking, calls, ...out };
}

export const never: AbortSignal = new AbortController().signal;

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function pem(label: string, base64: string): string {
  return `-----BEGIN ${label}-----\n${base64.replace(/\s/g, "").replace(/.{64}/g, "$&\n")}\n-----END ${label}-----\n`;
}

/** Signed by itself for localhost, valid 2020 to 2120. Its key guards nothing. */
export const testTls = {
  cert: pem(
    "CERTIFICATE",
    `MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAx
     MDEwMDAwMDBaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFHnDGhEjnf4h8lqU+qQ66Ff
     QgwCzYALzcjaBPQpwhQPnSbFpCfX89RNBWiAoMClDTdI8LNUEdXeImzYUQyF7ZCjTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcE
     fwAAATAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBRLOS7mHUzjQHyWQMkm7Syq/xU2mDAKBggqhkjOPQQDAgNIADBFAiEA/qJe
     Nh1zKo5lEHVpGNTbzhLH6mewnSmzPv82tS5lGf4CIHnFtneZ5syGTHxVYJoH4eQqR0EhNMfRjpCJi+WcEo+G`,
  ),
  key: pem(
    "PRIVATE KEY",
    `MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgs/0CNhTmFm/EXN8Ado9aEBuOU5sKFhHLWCzDvNesNimhRANCAARR
     5wxoRI53+IfJalPqkOuhX0IMAs2AC83I2gT0KcIUD50mxaQn1/PUTQVogKDApQ03SPCzVBHV3iJs2FEMhe2Q`,
  ),
};
