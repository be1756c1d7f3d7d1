import http from "node:http";
import https from "node:https";
import { isObject, type JsonObject } from "hearth";

/** A server on this machine accepts within this time or is not there: 300 ms. */
export const CONNECT_MS = 300;
/** What stands may be busy: it gets 2 s to say what it is. */
export const ANSWER_MS = 2000;
/** Time to connect and answer for a server on another machine, with its TLS. */
const REMOTE_MS = 5000;
const MAX_BYTES = 8 * 1024 * 1024;

export interface AskOptions {
  loopback: boolean;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal | undefined;
}

/** What a server said to one question. */
export interface Said {
  status: number;
  /** Absent where the body is no JSON object. */
  json?: JsonObject;
}

/** One GET. `undefined`: nothing that speaks HTTP answers there in time. Never raises. */
export function askServer(url: string, { loopback, headers, signal }: AskOptions): Promise<Said | undefined> {
  return new Promise((resolve) => {
    const request = (url.startsWith("https:") ? https : http).get(url, {
      agent: false,
      headers: { accept: "application/json", ...headers },
      ...(signal === undefined ? {} : { signal }),
    });
    const giveUp = (): void => {
      request.destroy();
      resolve(undefined);
    };
    let timer = setTimeout(giveUp, loopback ? CONNECT_MS : REMOTE_MS);
    request.on("socket", (socket) => {
      socket.once("connect", () => {
        clearTimeout(timer);
        timer = setTimeout(giveUp, loopback ? ANSWER_MS : REMOTE_MS);
      });
    });
    request.on("error", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BYTES) giveUp();
        else chunks.push(chunk);
      });
      response.on("end", () => {
        clearTimeout(timer);
        const status = response.statusCode ?? 0;
        const json = objectOf(Buffer.concat(chunks).toString("utf8"));
        resolve(json === undefined ? { status } : { status, json });
      });
      response.on("error", giveUp);
    });
  });
}

function objectOf(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
