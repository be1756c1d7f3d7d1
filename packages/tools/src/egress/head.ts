/** What a program asks of the proxy. */
export interface Asked {
  method: string;
  /** What the judge is asked: "https://host:443/" for a tunnel, the address itself for a plain request. */
  url: string;
  tunnel: boolean;
  /** The request for the server, where there is no tunnel. */
  forward: string;
}

const REQUEST = /^([A-Z]{1,16}) (\S+) HTTP\/1\.[01]$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e]*)$/;
const AUTHORITY = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/;
/** Between the program and us, or for the next hop to decide. */
const OURS =
  /^(?:host|connection|keep-alive|upgrade|te|trailer|transfer-encoding|content-length|proxy-.*|expect)$/i;

/** Reads a request's head, strictly: what is read otherwise by another reader is the beginning of an attack. A text says why not. */
export function readHead(text: string): Asked | string {
  const [first = "", ...lines] = text.split("\r\n");
  const [, method, target] = REQUEST.exec(first) ?? [];
  if (method === undefined || target === undefined) return "This is no request that a proxy understands.";
  const fields: [string, string][] = [];
  for (const line of lines) {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) return "The request has a header that can't be read.";
    fields.push([name, value]);
  }
  if (method === "CONNECT") {
    const [, host, port] = AUTHORITY.exec(target) ?? [];
    if (host === undefined) return "CONNECT must name a host and a port.";
    return { method, url: `https://${host}:${port}/`, tunnel: true, forward: "" };
  }
  if (method !== "GET" && method !== "HEAD") return "Without a tunnel only GET and HEAD are passed on.";
  const url = URL.parse(target);
  if (url?.protocol !== "http:") return "The proxy needs the whole address, or CONNECT for https.";
  const kept = fields.filter(([name]) => !OURS.test(name)).map(([name, value]) => `${name}: ${value}\r\n`);
  const forward = `${method} ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n${kept.join("")}Connection: close\r\n\r\n`;
  return { method, url: url.href, tunnel: false, forward };
}

/**
 * The server's name in the first message of TLS (RFC 8446, RFC 6066): who opens a tunnel to one host must not speak to another that lives at
 * the same address. `more` where the message is not whole yet, undefined where this is no such message or names nobody.
 */
export function serverName(bytes: Buffer): string | "more" | undefined {
  if (bytes.length > 0 && bytes[0] !== 0x16) return undefined;
  if (bytes.length < 9) return "more";
  if (bytes[1] !== 3 || bytes[5] !== 1) return undefined;
  const record = bytes.readUInt16BE(3);
  // A first message that is spread over several records is allowed, but no program of the kind meant here sends one.
  if (bytes.readUIntBE(6, 3) + 4 > record) return undefined;
  if (bytes.length < 5 + record) return "more";
  try {
    return nameIn(bytes.subarray(9, 5 + record));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function nameIn(hello: Buffer): string | undefined {
  // Version and random, then three lists: session, cipher suites, compression.
  let at = 34;
  at += 1 + hello.readUInt8(at);
  at += 2 + hello.readUInt16BE(at);
  at += 1 + hello.readUInt8(at);
  const end = at + 2 + hello.readUInt16BE(at);
  for (at += 2; at + 4 <= end; ) {
    const type = hello.readUInt16BE(at);
    const length = hello.readUInt16BE(at + 2);
    // server_name: a list with one entry of type 0.
    if (type === 0 && hello.readUInt8(at + 6) === 0) {
      const size = hello.readUInt16BE(at + 7);
      return hello.toString("latin1", at + 9, at + 9 + size).toLowerCase();
    }
    at += 4 + length;
  }
  return undefined;
}
