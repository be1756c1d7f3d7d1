/** HTTP as bytes: what clients of the better sort would never send. */
import { connect, type Socket } from "node:net";

export interface Answer {
  /** 0: the connection was closed without one. */
  status: number;
  headers: Map<string, string>;
  body: string;
}

export interface Ask {
  method?: string;
  path: string;
  /** As they are sent, in this order; a name may stand there twice. Host is added unless it is among them or `host` is false. */
  headers?: readonly (readonly [name: string, value: string])[];
  host?: false;
  body?: string;
  /** The body in chunks, without a length. */
  chunks?: readonly string[];
}

/** How long an answer is waited for. */
const WAIT_MS = 10_000;

/** One request on a connection of its own. A stream is left after its head. */
export async function ask(
  url: string,
  { method = "GET", path, headers = [], ...rest }: Ask,
): Promise<Answer> {
  const { host } = new URL(url);
  const named = rest.host === false || headers.some(([name]) => name.toLowerCase() === "host");
  const own: (readonly [string, string])[] = named ? [] : [["Host", host]];
  if (rest.body !== undefined) own.push(["Content-Length", String(Buffer.byteLength(rest.body))]);
  if (rest.chunks !== undefined) own.push(["Transfer-Encoding", "chunked"]);
  const lines = [...own, ...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const socket = open(url);
  const answer = answerOf(socket, method, `${method} ${path}`);
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines}\r\n`);
  if (rest.body !== undefined) socket.write(rest.body);
  for (const chunk of rest.chunks ?? []) socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  if (rest.chunks !== undefined) socket.write("0\r\n\r\n");
  try {
    return await answer;
  } finally {
    socket.destroy();
  }
}

export function open(url: string): Socket {
  const { hostname, port } = new URL(url);
  // What the other side resets was answered before.
  return connect(Number(port), hostname).on("error", () => undefined);
}

/** The first answer that comes on a connection. */
export function answerOf(socket: Socket, method = "GET", what = "a request"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const late = (): void => reject(new Error(`No answer to ${what} within ${WAIT_MS} ms.`));
    const timer = setTimeout(late, WAIT_MS);
    const done = (answer: Answer): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      const answer = parsed(Buffer.concat(chunks).toString("latin1"), method, false);
      if (answer !== undefined) done(answer);
    });
    socket.on("close", () => {
      const gone: Answer = { status: 0, headers: new Map(), body: "" };
      done(parsed(Buffer.concat(chunks).toString("latin1"), method, true) ?? gone);
    });
  });
}

function parsed(text: string, method: string, over: boolean): Answer | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = new Map(
    lines.map((line) => [
      line.slice(0, line.indexOf(":")).toLowerCase(),
      line.slice(line.indexOf(":") + 1).trim(),
    ]),
  );
  const status = Number(first.split(" ")[1]);
  const body = text.slice(end + 4);
  const length = headers.get("content-length");
  const streamed = /event-stream|ndjson/.test(headers.get("content-type") ?? "");
  const whole =
    over ||
    streamed ||
    method === "HEAD" ||
    status === 204 ||
    (length !== undefined && body.length >= Number(length)) ||
    body.endsWith("0\r\n\r\n");
  return whole ? { status, headers, body } : undefined;
}
