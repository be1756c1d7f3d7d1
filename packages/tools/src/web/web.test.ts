import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { after, before, test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { call } from "../../test/helpers.ts";
import { pageText } from "./fetch.ts";
import { type GuardOptions, guardedFetch, webTools } from "./index.ts";

const pages: Record<string, RequestListener> = {
  "/": (_, answer) => answer.setHeader("content-type", "text/plain; charset=utf-8").end("hello wörld"),
  "/headers": (request, answer) =>
    answer.setHeader("content-type", "application/json").end(JSON.stringify(request.headers)),
  "/gzip": (_, answer) =>
    answer
      .setHeader("content-encoding", "gzip")
      .setHeader("content-type", "text/plain")
      .end(gzipSync("packed")),
  "/br": (_, answer) =>
    answer
      .setHeader("content-encoding", "br")
      .setHeader("content-type", "text/plain")
      .end(brotliCompressSync("packed")),
  "/bomb": (_, answer) =>
    answer.setHeader("content-encoding", "gzip").end(gzipSync(Buffer.alloc(200_000_000))),
  "/odd": (_, answer) => answer.setHeader("content-encoding", "zstd-42").end("x"),
  "/endless": (request, answer) => {
    answer.setHeader("content-type", "text/plain");
    const more = setInterval(() => answer.write("x".repeat(50_000)), 1);
    request.on("close", () => clearInterval(more));
  },
  "/silent": () => undefined,
  "/loop": (_, answer) => answer.writeHead(302, { location: "/loop" }).end(),
  "/hop": (_, answer) => answer.writeHead(302, { location: "/" }).end(),
  "/metadata": (_, answer) => answer.writeHead(302, { location: "http://169.254.169.254/latest/" }).end(),
  "/engine": (_, answer) => answer.writeHead(307, { location: "http://localhost:11434/api/delete" }).end(),
  "/file": (_, answer) => answer.writeHead(302, { location: "file:///etc/passwd" }).end(),
  "/missing": (_, answer) => answer.writeHead(404, { "content-type": "text/plain" }).end("not here"),
};
const server = createServer((request, answer) => pages[request.url ?? ""]?.(request, answer));
let base = "";
let options: GuardOptions = {};

before(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  base = `http://example.com:${port}`;
  options = {
    rules: { ports: [port] },
    resolve: async () => ["127.0.0.1"],
    isAllowed: (one) => one === "127.0.0.1",
  };
});
after(() => {
  server.closeAllConnections();
  server.close();
});

test("a page is fetched with its redirects and unpacked; nothing of this machine goes along", async () => {
  process.env["HTTP_PROXY"] = "http://127.0.0.1:1";
  try {
    const page = await guardedFetch(`${base}/hop`, options);
    assert.deepEqual(
      [page.body.toString(), page.status, page.redirects, page.url],
      ["hello wörld", 200, 1, `${base}/`],
    );
    assert.equal((await guardedFetch(`${base}/gzip`, options)).body.toString(), "packed");
    assert.equal((await guardedFetch(`${base}/br`, options)).body.toString(), "packed");
    const headers = (await guardedFetch(`${base}/headers`, options)).body.toString();
    assert.doesNotMatch(headers, /cookie|authorization|proxy/i);
    assert.equal((await guardedFetch(`${base}/missing`, options)).status, 404);
  } finally {
    delete process.env["HTTP_PROXY"];
  }
});

test("a name that leads to this machine or network is refused, by any of its addresses", async () => {
  for (const addresses of [
    ["127.0.0.1"],
    ["93.184.215.14", "10.0.0.1"],
    ["::1"],
    ["::ffff:127.0.0.1"],
    ["169.254.169.254"],
    ["100.100.100.200"],
    [],
  ]) {
    await assert.rejects(
      guardedFetch("http://example.com/", { resolve: async () => addresses }),
      /Not fetched: example\.com (?:leads to|has no address)/,
    );
  }
  for (const url of [
    "http://127.0.0.1:11434/api/tags",
    "http://localhost:1234/v1/models",
    "http://[::1]:8080/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::127.0.0.1]/",
    "http://0x7f.1/",
    "http://example.com:11434/",
  ]) {
    await assert.rejects(
      guardedFetch(url, { resolve: async () => assert.fail("asked") }),
      /Not fetched/,
      url,
    );
  }
});

test("the address that was connected to counts, not the one that was announced", async () => {
  let asked = 0;
  // The name server was honest when it was asked; the check of the peer sees another world.
  const isAllowed = () => ++asked === 1;
  await assert.rejects(
    guardedFetch(`${base}/`, { ...options, isAllowed }),
    /connected to 127\.0\.0\.1, which is no public address/,
  );
});

test("redirects are judged hop by hop and bounded", async () => {
  for (const path of ["/metadata", "/engine", "/file"])
    await assert.rejects(guardedFetch(base + path, options), /Not fetched/, path);
  await assert.rejects(guardedFetch(`${base}/loop`, options), /redirects too often/);
});

test("size and time are bounded, as sent and as unpacked", async () => {
  const bomb = await guardedFetch(`${base}/bomb`, { ...options, maxBytes: 100_000 });
  assert.deepEqual([bomb.body.length, bomb.cut], [100_000, true]);
  const endless = await guardedFetch(`${base}/endless`, { ...options, maxBytes: 100_000 });
  assert.deepEqual([endless.body.length, endless.cut], [100_000, true]);
  await assert.rejects(
    guardedFetch(`${base}/silent`, { ...options, timeoutMs: 100 }),
    /did not answer in time/,
  );
  const never = { ...options, timeoutMs: 100, resolve: () => new Promise<string[]>(() => undefined) };
  await assert.rejects(guardedFetch(`${base}/`, never), /did not answer in time/);
  await assert.rejects(guardedFetch(`${base}/odd`, options), /packed as zstd-42/);
  const controller = new AbortController();
  const cancelled = guardedFetch(`${base}/silent`, { ...options, signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 20);
  await assert.rejects(cancelled, /enough/);
});

test("HTML becomes text: title, headings, lists, tables; without scripts and navigation", async () => {
  const html = `<!doctype html><title>The  page</title><nav>menu</nav><script>alert(1)</script><h1>Head</h1>
    <p>One <a href="/x">link</a>.</p><ul><li>a<li>b</ul><table><tr><td>1<td>2</table><img alt="picture" src="x"><style>p{}</style>`;
  const page = { type: "text/html", body: Buffer.from(html), url: "https://example.com/a/b" };
  const text = (await pageText(page, false)) ?? "";
  assert.match(text, /^The page\n\nHead\n\nOne link\.\n\n \* a\n \* b/);
  assert.doesNotMatch(text, /menu|alert|p\{|picture/);
  assert.match((await pageText(page, true)) ?? "", /https:\/\/example\.com\/x/);
  const latin = {
    type: "text/html",
    body: Buffer.from("<meta charset=iso-8859-1><p>gr\xf6\xdfe", "latin1"),
    url: page.url,
  };
  assert.match((await pageText(latin, false)) ?? "", /größe/);
  assert.equal(
    await pageText(
      {
        type: "image/png",
        body: Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\0".repeat(4), "latin1"),
        url: page.url,
      },
      false,
    ),
    undefined,
  );
  const began = performance.now();
  await pageText({ ...page, body: Buffer.from("<div>".repeat(100_000)) }, false);
  assert.ok(performance.now() - began < 5000, "deep nesting is bounded");
});

test("the tool says what it is, and refusals come back as failed results", async () => {
  const tools = webTools({ workspace: "/" });
  assert.deepEqual(
    [tools[0]?.effect, tools[0]?.egress, tools[0]?.source, tools[0]?.reads],
    ["none", true, "untrusted", "public"],
  );
  for (const url of ["http://169.254.169.254/", "file:///etc/passwd", "example.com", ""]) {
    const ran = await call(tools, "http_fetch", { url });
    assert.equal(ran.ok, false);
    assert.match(ran.content, /^Not fetched/);
  }
});
