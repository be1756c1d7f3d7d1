import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { type TestContext, test } from "node:test";
import tls from "node:tls";
import { listen, serve, testTls } from "../../../test/engines/servers.ts";
import {
  CancelledError,
  EngineTimeoutError,
  EngineUnreachableError,
  StreamCutError,
} from "../../protocol/index.ts";
import { HttpClient, type HttpOptions } from "./client.ts";
import { endpointOf } from "./endpoint.ts";
import { EngineAddressError } from "./network-errors.ts";

function client(t: TestContext, url: string, options: HttpOptions = {}): HttpClient {
  const made = new HttpClient(endpointOf(url), options);
  t.after(() => made.close());
  return made;
}

/** A connection is free again a turn of the event loop after its answer. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const post = { method: "POST", json: { x: 1 } } as const;

test("connections are kept: one serves three requests", async (t) => {
  const server = await serve((_request, response) => response.end("ok"));
  t.after(server.close);
  const http = client(t, server.url, { headers: { "X-Own": "1" } });
  for (let i = 0; i < 3; i++) {
    assert.equal(await (await http.send("/a", post)).text(), "ok");
    await turn();
  }
  assert.deepEqual(
    server.seen.map(({ socket }) => socket),
    [1, 1, 1],
  );
  assert.equal(server.seen[0]?.body, '{"x":1}');
  assert.equal(server.seen[0]?.headers["x-own"], "1");
});

test("an abort before the answer closes the connection at once and throws the signal's reason", async (t) => {
  const server = await serve(() => undefined);
  t.after(server.close);
  const control = new AbortController();
  const sent = client(t, server.url).send("/", { ...post, signal: control.signal });
  while (server.seen.length === 0) await new Promise(setImmediate);
  const reason = new CancelledError("stop");
  control.abort(reason);
  await assert.rejects(sent, reason);
  assert.equal(await server.seen[0]?.closed, true);
});

test("an abort in the middle of a body closes the connection at once", async (t) => {
  const server = await serve((_request, response) => response.write("some"));
  t.after(server.close);
  const control = new AbortController();
  const answer = await client(t, server.url).send("/", { ...post, signal: control.signal });
  assert.equal(String(await answer.read()), "some");
  const next = answer.read();
  control.abort();
  await assert.rejects(next, CancelledError);
  assert.equal(await server.seen[0]?.closed, true);
});

test("an abort before anything is sent sends nothing", async (t) => {
  const server = await serve((_request, response) => response.end());
  t.after(server.close);
  await assert.rejects(
    client(t, server.url).send("/", { ...post, signal: AbortSignal.abort() }),
    CancelledError,
  );
  assert.equal(server.seen.length, 0);
});

test("a slow reader pauses the engine: what it wrote meanwhile stays small", async (t) => {
  const piece = Buffer.alloc(64 * 1024, 120);
  const total = 64 * 1024 * 1024;
  let written = 0;
  const server = await serve(async (_request, response) => {
    while (written < total && !response.destroyed) {
      written += piece.length;
      if (!response.write(piece)) await once(response, "drain");
    }
    response.end();
  });
  t.after(server.close);
  const answer = await client(t, server.url).send("/", post);
  let before = -1;
  while (before !== written) {
    before = written;
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
  }
  assert.ok(written < total / 4, `${written} bytes were taken while nobody read`);
  let read = 0;
  for (let chunk = await answer.read(); chunk !== undefined; chunk = await answer.read())
    read += chunk.length;
  assert.equal(read, total);
});

test("the bound on connecting is no bound on answering", async (t) => {
  const server = await serve((_request, response) => {
    setTimeout(() => response.end("late"), 60);
  });
  t.after(server.close);
  const answer = await client(t, server.url, { connectTimeoutMs: 20 }).send("/", post);
  assert.equal(await answer.text(), "late");
});

test("without a bound no timer of ours or Node's ends a silent request", async (t) => {
  const server = await serve(() => undefined);
  t.after(server.close);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const control = new AbortController();
  const sent = client(t, server.url).send("/", { ...post, signal: control.signal });
  while (server.seen.length === 0) await new Promise(setImmediate);
  t.mock.timers.tick(3_600_000);
  const first = await Promise.race([
    sent.catch(() => "failed"),
    new Promise((r) => setImmediate(r, "waiting")),
  ]);
  assert.equal(first, "waiting");
  control.abort();
  await assert.rejects(sent, CancelledError);
});

test("a bound on silence, where set, ends a silent request and a silent body", async (t) => {
  const server = await serve((_request, response, n) => (n === 0 ? undefined : response.write("x")));
  t.after(server.close);
  const http = client(t, server.url, { idleTimeoutMs: 25 });
  await assert.rejects(
    http.send("/", post),
    (error) => error instanceof EngineTimeoutError && !error.transient,
  );
  const answer = await http.send("/", post);
  assert.equal(String(await answer.read()), "x");
  await assert.rejects(answer.read(), EngineTimeoutError);
  assert.equal(await server.seen[1]?.closed, true);
});

test("a kept connection that the server closed is replaced in silence", async (t) => {
  // Answers one request a connection, then resets it when the next one comes: what a restarted server looks like.
  const seen: number[] = [];
  const server = net.createServer((socket) => {
    let requests = 0;
    socket.on("error", () => undefined);
    socket.on("data", () => {
      seen.push(++requests);
      if (requests > 1) socket.resetAndDestroy();
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
  });
  const port = await listen(server);
  t.after(() => server.close());
  const http = client(t, `http://127.0.0.1:${port}`);
  for (let i = 0; i < 3; i++) {
    assert.equal(await (await http.send("/", post)).text(), "ok");
    await turn();
  }
  assert.deepEqual(seen, [1, 2, 1, 2, 1]);
});

test("a request that was heard and then dropped is not sent again", async (t) => {
  const server = await serve((_request, response, n) => {
    if (n === 0) response.end("ok");
    else setTimeout(() => response.destroy(), 60);
  });
  t.after(server.close);
  const http = client(t, server.url);
  await (await http.send("/", post)).text();
  await assert.rejects(http.send("/", post), EngineUnreachableError);
  assert.equal(server.seen.length, 2);
});

test("a body that breaks off is a cut stream, with or without a length", async (t) => {
  const server = await serve((_request, response, n) => {
    if (n === 0) response.writeHead(200, { "content-length": "100" });
    response.write("half");
    setTimeout(() => response.destroy(), 5);
  });
  t.after(server.close);
  const http = client(t, server.url);
  for (let i = 0; i < 2; i++) {
    const answer = await http.send("/", post);
    assert.equal(String(await answer.read()), "half");
    await assert.rejects(answer.read(), (error) => error instanceof StreamCutError && error.transient);
  }
});

test("of an error's text 64 KiB are read", async (t) => {
  const server = await serve((_request, response) => {
    response.statusCode = 500;
    response.end("x".repeat(1 << 20));
  });
  t.after(server.close);
  assert.equal((await (await client(t, server.url).send("/", post)).text()).length, 64 * 1024);
});

test("nothing listens: the address is named, and trying again makes sense", async (t) => {
  const server = net.createServer();
  const port = await listen(server);
  server.close();
  await assert.rejects(client(t, `http://127.0.0.1:${port}`).send("/", post), (error) => {
    assert.ok(error instanceof EngineUnreachableError && error.transient);
    assert.match(error.message, new RegExp(`Nothing listens at http://127.0.0.1:${port}`));
    assert.match(error.remedy ?? "", /Start/);
    return true;
  });
});

test("a host name that does not exist is not tried again", async (t) => {
  await assert.rejects(
    client(t, "http://engine.invalid:1").send("/", post),
    // Machines without a resolver can't tell that it does not exist.
    (error) => error instanceof EngineUnreachableError && /engine\.invalid/.test(error.message),
  );
});

test("a server that takes the connection and never speaks TLS runs into the bound on connecting", async (t) => {
  const server = net.createServer((socket) => socket.on("error", () => undefined));
  const port = await listen(server);
  t.after(() => server.close());
  const sent = client(t, `https://127.0.0.1:${port}`, { connectTimeoutMs: 30 }).send("/", post);
  await assert.rejects(
    sent,
    (error) => error instanceof EngineUnreachableError && /0\.03 s/.test(error.message),
  );
});

test("https to a plain port, and plain to something that is no HTTP, say so and are not tried again", async (t) => {
  const plain = await serve((_request, response) => response.end());
  t.after(plain.close);
  const odd = net.createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end("SSH-2.0-OpenSSH_9.9\r\n");
  });
  const port = await listen(odd);
  t.after(() => odd.close());
  const expected: [url: string, says: RegExp][] = [
    [`https://127.0.0.1:${plain.port}`, /does not speak TLS: wrong version number/],
    [`http://127.0.0.1:${port}`, /does not speak HTTP/],
  ];
  for (const [url, says] of expected) {
    await assert.rejects(client(t, url).send("/", post), (error) => {
      assert.ok(error instanceof EngineAddressError && !error.transient, String(error));
      assert.match(error.message, says);
      return true;
    });
  }
});

test("https works with a trusted certificate, and names an untrusted one with the remedy", async (t) => {
  const server = await serve((_request, response) => response.end("ok"), { tls: testTls });
  t.after(server.close);
  await assert.rejects(client(t, server.url).send("/", post), (error) => {
    assert.ok(error instanceof EngineAddressError);
    assert.match(error.message, /certificate/);
    assert.match(error.remedy ?? "", /NODE_EXTRA_CA_CERTS/);
    return true;
  });
  const trusted = tls.getCACertificates("default");
  t.after(() => tls.setDefaultCACertificates(trusted));
  tls.setDefaultCACertificates([...trusted, testTls.cert]);
  assert.equal(await (await client(t, server.url).send("/", post)).text(), "ok");
});

test("a proxy of the environment serves other machines and never this one", async (t) => {
  const proxied: string[] = [];
  const proxy = http.createServer((request, response) => {
    proxied.push(request.url ?? "");
    response.end("by proxy");
  });
  const port = await listen(proxy);
  t.after(() => proxy.close());
  const server = await serve((_request, response) => response.end("direct"));
  t.after(server.close);
  const env = { HTTP_PROXY: `http://127.0.0.1:${port}`, http_proxy: `http://127.0.0.1:${port}` };
  assert.equal(await (await client(t, server.url, { env }).send("/", post)).text(), "direct");
  assert.equal(
    await (await client(t, "http://engine.invalid", { env }).send("/v1", post)).text(),
    "by proxy",
  );
  assert.deepEqual(proxied, ["http://engine.invalid/v1"]);
});
