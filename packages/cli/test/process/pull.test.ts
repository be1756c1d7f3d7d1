import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { folderWith, hearth } from "./support.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function served<T>(answer: Answer, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  try {
    return await use(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const WEIGHTS = Buffer.from("weights ".repeat(20_000));
const SHA = createHash("sha256").update(WEIGHTS).digest("hex");

/** A hub with one repository; `ranges` collects what was asked for, the first download is cut in its middle. */
function hub(ranges: (string | undefined)[], sha256 = SHA): Answer {
  return (request, response) => {
    if (request.url?.startsWith("/api/models/org/repo")) {
      const siblings = [
        { rfilename: "README.md" },
        { rfilename: "m-Q4_K_M.gguf", lfs: { sha256, size: WEIGHTS.length } },
      ];
      response.end(JSON.stringify({ sha: "abc", siblings }));
      return;
    }
    if (request.url !== "/org/repo/resolve/abc/m-Q4_K_M.gguf") {
      response.writeHead(404).end();
      return;
    }
    ranges.push(request.headers.range);
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { "content-length": WEIGHTS.length - from });
    if (ranges.length === 1)
      response.write(WEIGHTS.subarray(0, 70_000), () => setTimeout(() => response.destroy(), 50));
    else response.end(WEIGHTS.subarray(from));
  };
}

test("a file of the hub is resumed after a cut, checked, and known by its name", async () => {
  const ranges: (string | undefined)[] = [];
  const home = folderWith();
  await served(hub(ranges), async (url) => {
    const env = { HOME: home, HF_ENDPOINT: url };
    const ended = await hearth(["pull", "hf:org/repo", "--json"], { env });
    assert.equal(ended.code, 0, ended.stderr);
    const rows: { status: string; use?: string; file?: string; receivedBytes?: number }[] = ended.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.ok(rows.some(({ status }) => status === "downloading"));
    const done = rows.at(-1);
    assert.equal(done?.use, "embedded/org/repo/m-Q4_K_M.gguf");
    assert.equal(done.file, join(home, ".cache/hearth/models/pulled/org/repo/m-Q4_K_M.gguf"));
    assert.ok(readFileSync(done.file).equals(WEIGHTS));
    assert.equal(ranges[0], undefined);
    assert.match(ranges[1] ?? "", /^bytes=[1-9]\d*-$/);
    // It is there: nothing is fetched again.
    const again = await hearth(["pull", "org/repo/m-Q4_K_M.gguf"], { env });
    assert.match(again.stdout, /is here\. Use it with `hearth run -m embedded\/org\/repo\/m-Q4_K_M\.gguf/);
    assert.equal(ranges.length, 2);
  });
});

test("a file that is not what the hub says is refused and removed", async () => {
  const home = folderWith();
  await served(hub([undefined], "0".repeat(64)), async (url) => {
    const ended = await hearth(["pull", "hf:org/repo:Q4_K_M"], { env: { HOME: home, HF_ENDPOINT: url } });
    assert.equal(ended.code, 4);
    assert.match(ended.stderr, /is not the file it should be/);
  });
});

test("what the hub does not have, and a hub that is not there, are said", async () => {
  await served(
    (request, response) => response.writeHead(request.url?.includes("secret") ? 401 : 404).end("{}"),
    async (url) => {
      const missing = await hearth(["pull", "hf:org/none"], { env: { HF_ENDPOINT: url } });
      assert.equal(missing.code, 4);
      assert.match(missing.stderr, /has no org\/none/);
      const gated = await hearth(["pull", "hf:org/secret"], { env: { HF_ENDPOINT: url } });
      assert.match(gated.stderr, /HF_TOKEN/);
    },
  );
  const gone = await hearth(["pull", "hf:org/repo"], { env: { HF_ENDPOINT: "http://127.0.0.1:9" } });
  assert.equal(gone.code, 4);
  assert.match(gone.stderr, /can't be reached/);
});

test("Ollama fetches by its own name, with progress over all layers", async () => {
  const asked: string[] = [];
  const answer: Answer = (request, response) => {
    request.setEncoding("utf8").on("data", (text) => asked.push(`${request.url} ${text}`));
    request.on("end", () => {
      const say = (value: object): void => void response.write(`${JSON.stringify(value)}\n`);
      if (asked.at(-1)?.includes("nope")) {
        response.writeHead(500);
        say({ error: "pull model manifest: file does not exist" });
        return response.end();
      }
      say({ status: "pulling manifest" });
      for (const completed of [0, 50, 100])
        say({ status: "pulling aa", digest: "sha256:aa", total: 100, completed });
      say({ status: "pulling bb", digest: "sha256:bb", total: 300, completed: 300 });
      if (!asked.at(-1)?.includes("cut")) say({ status: "success" });
      return response.end();
    });
  };
  await served(answer, async (url) => {
    const env = { OLLAMA_HOST: url };
    const ended = await hearth(["pull", "qwen3:4b", "--json"], { env });
    assert.equal(ended.code, 0, ended.stderr);
    const rows: object[] = ended.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(rows.at(-3), { status: "downloading", receivedBytes: 400, totalBytes: 400 });
    assert.deepEqual(rows.at(-2), { status: "success" });
    assert.deepEqual(rows.at(-1), { status: "done", name: "qwen3:4b", use: "ollama/qwen3:4b" });
    assert.match(asked[0] ?? "", /^\/api\/pull .*"model":"qwen3:4b"/);
    const nope = await hearth(["pull", "nope"], { env });
    assert.equal(nope.code, 4);
    assert.match(nope.stderr, /library has no nope[\s\S]*hearth models --guide/);
    const cut = await hearth(["pull", "cut"], { env });
    assert.equal(cut.code, 4);
    assert.match(cut.stderr, /broke off[\s\S]*goes on where it stopped/);
  });
});

test("without Ollama, and without a name, the way out is named", async () => {
  const none = await hearth(["pull", "qwen3:4b"], { env: { OLLAMA_HOST: "127.0.0.1:9" } });
  assert.equal(none.code, 4);
  assert.match(none.stderr, /Ollama does not answer[\s\S]*hf:ORG\/REPO/);
  for (const args of [["pull"], ["pull", "a", "b"], ["pull", "hf:org"]])
    assert.equal((await hearth(args)).code, 2);
});

test("the guide is a table, or rows with sources; --fits leaves away what is too large", async () => {
  const table = await hearth(["models", "--guide"]);
  assert.match(table.stdout, /^ {2}NAME .*LICENCE/);
  assert.match(table.stdout, /\* gpt-oss:20b/);
  assert.match(table.stderr, /As of \d{4}-\d\d-\d\d/);
  const rowsOf = async (
    args: string[],
  ): Promise<{ name: string; fits: boolean; asOf: string; unverified: string[] }[]> =>
    (await hearth(args)).stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  const all = await rowsOf(["models", "--guide", "--json"]);
  assert.ok(all.length > 30 && all.every(({ asOf, unverified }) => asOf !== "" && Array.isArray(unverified)));
  const fitting = await rowsOf(["models", "--guide", "--fits", "--json"]);
  assert.deepEqual(
    fitting.map(({ name }) => name),
    all.filter(({ fits }) => fits).map(({ name }) => name),
  );
});
