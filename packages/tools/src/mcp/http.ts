import type { Transport } from "@modelcontextprotocol/client";
import { type HttpServer, MCP_LIMITS } from "./types.ts";

/** Bytes of one answer in all; a stream of events may hold many messages. */
const MAX_ANSWER = 4 * MCP_LIMITS.messageBytes;

/** Streamable HTTP; `older` is HTTP with SSE (2024-11-05), for servers that refuse the other. */
export async function httpTransport(server: HttpServer, older: boolean): Promise<Transport> {
  const { SSEClientTransport, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const url = new URL(server.url);
  const requestInit: RequestInit = { headers: { ...server.headers } };
  if (older) return new SSEClientTransport(url, { requestInit, fetch: boundedFetch });
  return new StreamableHTTPClientTransport(url, {
    requestInit,
    fetch: boundedFetch,
    reconnectionOptions: {
      initialReconnectionDelay: 500,
      maxReconnectionDelay: 5000,
      reconnectionDelayGrowFactor: 2,
      maxRetries: 3,
    },
  });
}

/** `fetch` whose answers end with an error where they grow beyond all measure. */
async function boundedFetch(url: string | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (response.body === null) return response;
  let bytes = 0;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        if (bytes > MAX_ANSWER)
          controller.error(new Error(`the answer is longer than ${MAX_ANSWER / 1024 / 1024} MiB`));
        else controller.enqueue(chunk);
      },
    }),
  );
  return new Response(counted, {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  });
}
