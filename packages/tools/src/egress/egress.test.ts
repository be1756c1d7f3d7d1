import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, createServer as createTcp } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import { readHead, serverName } from "./head.ts";
import { Mux } from "./mux.ts";
import { type Connection, type EgressOptions, EgressProxy } from "./proxy.ts";

async function text(stream: Duplex): Promise<string> {
  const parts: Buffer[] = [];
  stream.on("data", (part: Buffer) => parts.push(part));
  // A connection that is cut off has an end as well.
  await new Promise<void>((done) => stream.once("end", done).once("close", done));
  return Buffer.concat(parts).toString("latin1");
}

test("many connections over one stream: every byte arrives, in order, whatever the sizes and who is slow", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 4 }), {
        minLength: 1,
        maxLength: 5,
      }),
      async (all) => {
        const [a, b] = duplexPair();
        const got: Promise<string>[] = [];
        new Mux(b, { onOpen: (channel) => void got.push(text(channel)) });
        const mux = new Mux(a);
        const sent = all.map((sizes, at) =>
          sizes.map((size) => String.fromCharCode(65 + at).repeat(size)).join(""),
        );
        for (const [at, sizes] of all.entries()) {
          const channel = mux.open();
          for (const size of sizes) channel.write(String.fromCharCode(65 + at).repeat(size));
          channel.end();
        }
        await new Promise((done) => setImmediate(done));
        assert.deepEqual(await Promise.all(got), sent);
        a.destroy();
      },
    ),
    { numRuns: 12 },
  );
});

test("a reader that does not read holds up its own connection, not the others", async () => {
  const [a, b] = duplexPair();
  const channels: Duplex[] = [];
  new Mux(b, { onOpen: (channel) => void channels.push(channel) });
  const mux = new Mux(a);
  const slow = mux.open();
  const quick = mux.open();
  let through = false;
  slow.write(Buffer.alloc(2_000_000), () => {
    through = true;
  });
  quick.end("here");
  await new Promise((done) => setTimeout(done, 50));
  assert.equal(await text(channels[1]!), "here");
  assert.equal(through, false, "no more than a window is under way");
  channels[0]!.resume();
  await new Promise<void>((done) => slow.end(done));
  assert.equal(through, true);
  a.destroy();
});

test("the other end is not trusted: breaches end the stream, too many connections are closed", async () => {
  const frame = (kind: number, id: number, payload = Buffer.alloc(0), length = payload.length) => {
    const head = Buffer.alloc(9);
    head.writeUInt8(kind, 0);
    head.writeUInt32BE(id, 1);
    head.writeUInt32BE(length, 5);
    return Buffer.concat([head, payload]);
  };
  const block = Buffer.alloc(64 * 1024);
  const breaches: [string, Buffer[]][] = [
    ["a frame of 4 GB", [frame(2, 1, Buffer.alloc(0), 0xffffffff)]],
    ["a window exceeded", [frame(1, 1), ...Array.from({ length: 5 }, () => frame(2, 1, block))]],
    ["opened twice", [frame(1, 1), frame(1, 1)]],
    ["a kind that is none", [frame(1, 1), frame(77, 1)]],
  ];
  for (const [name, frames] of breaches) {
    const [a, b] = duplexPair();
    a.on("error", () => undefined);
    new Mux(b, { onOpen: () => undefined });
    for (const one of frames) a.write(one);
    await new Promise((done) => setTimeout(done, 10));
    assert.equal(b.destroyed, true, name);
  }
  const [a, b] = duplexPair();
  const mux = new Mux(b, { maxChannels: 2, onOpen: () => undefined });
  for (let id = 1; id <= 50; id++) a.write(frame(1, id));
  for (const kind of [2, 3, 4, 5]) a.write(frame(kind, 999));
  await new Promise((done) => setTimeout(done, 10));
  assert.equal(mux.size, 2);
  assert.equal(b.destroyed, false);
});

test("a request's head is read strictly", () => {
  const good: [string, string, string][] = [
    ["CONNECT example.com:443 HTTP/1.1\r\nHost: x", "https://example.com:443/", ""],
    ["CONNECT [2606::1]:443 HTTP/1.1", "https://[2606::1]:443/", ""],
    [
      "GET http://example.com/a?b HTTP/1.1\r\nHost: evil.com\r\nProxy-Authorization: x\r\nAccept: */*\r\nConnection: keep-alive",
      "http://example.com/a?b",
      "GET /a?b HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\nConnection: close\r\n\r\n",
    ],
  ];
  for (const [head, url, forward] of good) {
    const asked = readHead(head);
    assert.ok(typeof asked !== "string", head);
    assert.deepEqual([asked.url, asked.forward], [url, forward]);
  }
  const bad = [
    "",
    "GET / HTTP/1.1",
    "GET https://example.com/ HTTP/1.1",
    "GET ftp://example.com/ HTTP/1.1",
    "POST http://example.com/ HTTP/1.1\r\nContent-Length: 5",
    "CONNECT example.com HTTP/1.1",
    "CONNECT user@example.com:443 HTTP/1.1",
    "CONNECT example.com:443:80 HTTP/1.1",
    "GET http://example.com/ HTTP/2.0",
    "get http://example.com/ HTTP/1.1",
    "GET  http://example.com/ HTTP/1.1",
    "GET http://example.com/ HTTP/1.1\r\n folded: x",
    "GET http://example.com/ HTTP/1.1\r\nA: x\ny",
    "GET http://example.com/ HTTP/1.1\r\nA\0: x",
  ];
  for (const head of bad) assert.equal(typeof readHead(head), "string", JSON.stringify(head));
});

/** TLS's first message with a server's name, as a client would send it. */
function hello(name: string): Buffer {
  const entry = Buffer.concat([Buffer.from([0, 0, name.length]), Buffer.from(name)]);
  const list = Buffer.concat([Buffer.from([0, entry.length]), entry]);
  const extension = Buffer.concat([Buffer.from([0, 0, 0, list.length]), list]);
  const other = Buffer.from([0, 10, 0, 2, 0, 0]);
  const extensions = Buffer.concat([other, extension]);
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32),
    Buffer.from([0, 0, 2, 0x13, 1, 1, 0, 0, extensions.length]),
    extensions,
  ]);
  return Buffer.concat([Buffer.from([0x16, 3, 1, 0, body.length + 4, 1, 0, 0, body.length]), body]);
}

test("the name that TLS asks for is found, waited for, and never guessed", () => {
  const bytes = hello("files.example.com");
  assert.equal(serverName(bytes), "files.example.com");
  for (let length = 0; length < bytes.length; length++)
    assert.equal(serverName(bytes.subarray(0, length)), "more");
  assert.equal(serverName(Buffer.from("GET / HTTP/1.1\r\n\r\n")), undefined);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
      const found = serverName(
        Buffer.concat([Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196]), Buffer.from(noise)]),
      );
      assert.ok(found === undefined || typeof found === "string");
    }),
  );
});

/** A proxy whose allowed host is a server of this test, and a way to speak to it. */
async function proxied(serve: (request: IncomingMessage) => string, more: Partial<EgressOptions> = {}) {
  const server: Server = createServer((request, response) => response.end(serve(request)));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const port = (server.address() as AddressInfo).port;
  const [inside, outside] = duplexPair();
  const logged: Connection[] = [];
  const proxy = new EgressProxy({
    hosts: ["packages.example.org"],
    ports: [port],
    resolve: async () => ["127.0.0.1"],
    isAllowed: (address) => address === "127.0.0.1",
    log: (connection) => logged.push(connection),
    ...more,
  });
  proxy.attach(outside);
  const mux = new Mux(inside);
  const ask = async (head: string, then?: Buffer) => {
    const channel = mux.open();
    channel.write(`${head}\r\n\r\n`);
    if (then !== undefined) channel.write(then);
    return await text(channel);
  };
  /** Waits until so many connections are over. */
  const settled = async (count: number) => {
    for (let turn = 0; turn < 200 && logged.length < count; turn++)
      await new Promise((done) => setTimeout(done, 5));
  };
  const close = () => {
    inside.destroy();
    server.close();
    server.closeAllConnections();
  };
  return { port, ask, mux, logged, settled, [Symbol.dispose]: close };
}

test("the proxy passes on what is listed, and refuses with the reason what is not", async () => {
  using own = await proxied((request) => `${request.method} ${request.url} ${request.headers.host}`);
  const host = `packages.example.org:${own.port}`;
  const answer = await own.ask(`GET http://${host}/simple/x HTTP/1.1\r\nHost: other`);
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.ok(answer.includes(`GET /simple/x ${host}`));
  assert.equal(
    (await own.ask(`GET http://files.${host}/ HTTP/1.1`)).split("\r\n")[0],
    "HTTP/1.1 200 OK",
    "hosts below it",
  );
  for (const [head, why] of [
    ["GET http://evil.org/ HTTP/1.1", /not on the list/],
    ["CONNECT evil.org:443 HTTP/1.1", /not on the list/],
    ["CONNECT 169.254.169.254:80 HTTP/1.1", /address of this machine/],
    ["CONNECT 127.0.0.1:11434 HTTP/1.1", /address of this machine/],
    ["CONNECT localhost:443 HTTP/1.1", /name of this machine/],
    ["CONNECT packages.example.org:22 HTTP/1.1", /Port 22/],
    ["CONNECT packages.example.org.evil.org:443 HTTP/1.1", /not on the list/],
    ["GET http://user:pw@packages.example.org/ HTTP/1.1", /user name/],
    ["POST http://packages.example.org/ HTTP/1.1", /only GET and HEAD/],
  ] as const) {
    const refused = await own.ask(head);
    assert.match(refused, /^HTTP\/1\.1 403 /, head);
    assert.match(refused, why, head);
  }
  await own.settled(11);
  const by = (wanted: string) => own.logged.filter(({ verdict }) => verdict === wanted);
  assert.deepEqual(
    by("allowed").map(({ address }) => address),
    ["127.0.0.1", "127.0.0.1"],
  );
  assert.equal(by("refused").length, 9);
  assert.ok(by("refused").every(({ sent, received }) => sent + received === 0));
});

test("a name that leads inwards is refused, whichever of its answers does, and so is a peer that is another", async () => {
  for (const [answers, allowed, why] of [
    [["93.184.216.34", "10.0.0.1"], undefined, /leads to 10\.0\.0\.1/],
    [["127.0.0.1"], undefined, /leads to 127\.0\.0\.1/],
    [["::ffff:127.0.0.1"], undefined, /leads to ::ffff:127\.0\.0\.1/],
    [[], undefined, /has no address/],
  ] as const) {
    using own = await proxied(() => "", {
      resolve: async () => [...answers],
      ...(allowed === undefined ? {} : { isAllowed: allowed }),
      isAllowed: (address) => address.startsWith("93."),
    });
    assert.match(await own.ask("CONNECT packages.example.org:443 HTTP/1.1"), why);
  }
  let asked = 0;
  // Right when the name was looked up, wrong when the connection stood.
  using own = await proxied(() => "", { isAllowed: () => ++asked === 1 });
  assert.match(
    await own.ask(`CONNECT packages.example.org:${own.port} HTTP/1.1`),
    /connected to 127\.0\.0\.1/,
  );
});

test("a tunnel carries TLS to the judged name and nothing else", async () => {
  const got: Buffer[] = [];
  const tcp = createTcp((socket) => {
    socket.on("data", (bytes) => {
      got.push(bytes);
      socket.end("answer");
    });
    socket.on("error", () => undefined);
  });
  await new Promise<void>((done) => tcp.listen(0, "127.0.0.1", done));
  const port = (tcp.address() as AddressInfo).port;
  using own = await proxied(() => "", { ports: [port] });
  const head = `CONNECT packages.example.org:${port} HTTP/1.1`;
  const right = await own.ask(head, hello("packages.example.org"));
  assert.match(right, /^HTTP\/1\.1 200 Connection established\r\n\r\nanswer$/);
  assert.equal(got.length, 1);
  for (const wrong of [
    hello("other.example.org"),
    Buffer.from("SSH-2.0-x\r\n"),
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
  ])
    assert.equal(await own.ask(head, wrong), "HTTP/1.1 200 Connection established\r\n\r\n");
  assert.equal(got.length, 1, "nothing of it left");
  await own.settled(4);
  assert.match(own.logged.at(-1)?.reason ?? "", /asked for no name by TLS/);
  tcp.close();
});

test("bytes, waiting and silence are bounded", async () => {
  using own = await proxied(() => "x".repeat(100_000), { maxBytes: 50_000 });
  const url = `http://packages.example.org:${own.port}/`;
  await own.ask(`GET ${url} HTTP/1.1`);
  await own.settled(1);
  assert.match(own.logged[0]?.reason ?? "", /All bytes/);
  assert.match(await own.ask(`GET ${url} HTTP/1.1`), /403 .*All bytes/s);
  const silent = createTcp(() => undefined);
  await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
  const port = (silent.address() as AddressInfo).port;
  using quiet = await proxied(() => "", { ports: [port], idleMs: 50, connectMs: 100 });
  await quiet.ask(`GET http://packages.example.org:${port}/ HTTP/1.1`);
  await quiet.settled(1);
  assert.match(quiet.logged[0]?.reason ?? "", /Nothing came/);
  const channel = quiet.mux.open();
  channel.write("GET http://x");
  assert.match(await text(channel), /502 .*No request came/s);
  using nameless = await proxied(() => "", { connectMs: 50, resolve: () => new Promise(() => undefined) });
  assert.match(
    await nameless.ask("CONNECT packages.example.org:443 HTTP/1.1"),
    /name server does not answer/,
  );
  silent.close();
});

test("without listed hosts there is no way out", async () => {
  using own = await proxied(() => "", { hosts: [] });
  assert.match(await own.ask(`GET http://packages.example.org:${own.port}/ HTTP/1.1`), /^HTTP\/1\.1 403/);
});
