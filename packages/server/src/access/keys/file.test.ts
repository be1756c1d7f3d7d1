import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { UsageError } from "hearth";
import { changeKeys, readKeys } from "./file.ts";
import { keyRecord } from "./make.ts";
import { watchKeys } from "./watch.ts";

const folder = mkdtempSync(join(tmpdir(), "hearth-keys-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = (): string => join(folder, `k${files++}`, "keys.json");
const add = (file: string): string => {
  const { key, record } = keyRecord({}, Date.now());
  changeKeys(file, (keys) => [...keys, record]);
  return key;
};

test("no file is no keys; the first change makes it, for the user alone", () => {
  const file = newFile();
  assert.deepEqual(readKeys(file), []);
  add(file);
  assert.equal(readKeys(file).length, 1);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(join(file, "..")).mode & 0o777, 0o700);
});

test("a change that is refused leaves the file as it was, and nothing beside it", () => {
  const file = newFile();
  add(file);
  const before = readFileSync(file, "utf8");
  assert.throws(() =>
    changeKeys(file, () => {
      throw new UsageError("no", { remedy: "" });
    }),
  );
  assert.equal(readFileSync(file, "utf8"), before);
  assert.deepEqual(readdirSync(join(file, "..")).sort(), ["keys.json", "keys.json.lock"]);
  add(file);
  assert.equal(readKeys(file).length, 2);
});

test("a file that is not what it should be lets nobody in, and says so", () => {
  const file = newFile();
  add(file);
  const [record] = readKeys(file);
  const list = (keys: unknown[], version = 1) => JSON.stringify({ version, keys });
  const bad = ["", "{", "[]", "null", '{"version":1}', list([record], 2), list([{}]), list([record, record])];
  for (const content of bad) {
    writeFileSync(file, content, { mode: 0o600 });
    assert.throws(() => readKeys(file), UsageError, content);
    assert.throws(() => add(file), UsageError, content);
    assert.equal(readFileSync(file, "utf8"), content, "what is damaged is kept for repair");
  }
});

test("a file that others may write to is refused", () => {
  const file = newFile();
  add(file);
  for (const mode of [0o620, 0o602, 0o666, 0o777]) {
    chmodSync(file, mode);
    assert.throws(() => readKeys(file), /Others may write/, mode.toString(8));
  }
  chmodSync(file, 0o644);
  assert.equal(readKeys(file).length, 1);
});

test("a link stays a link", () => {
  const file = newFile();
  add(file);
  const link = join(folder, "link.json");
  symlinkSync(file, link);
  add(link);
  assert.equal(readKeys(file).length, 2);
  assert.ok(
    readdirSync(folder, { withFileTypes: true })
      .find(({ name }) => name === "link.json")
      ?.isSymbolicLink(),
  );
});

test("writers of several processes at once lose nothing, and one that is killed blocks nobody", async () => {
  const file = newFile();
  add(file);
  const code = (body: string): string =>
    `import { changeKeys } from ${JSON.stringify(new URL("file.ts", import.meta.url).href)};
     import { keyRecord } from ${JSON.stringify(new URL("make.ts", import.meta.url).href)};
     const file = ${JSON.stringify(file)};\n${body}`;
  const start = (body: string) =>
    spawn(
      process.execPath,
      ["--conditions=@hearth/source", "--input-type=module-typescript", "-e", code(body)],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
  const ten =
    "for (let i = 0; i < 10; i++) changeKeys(file, (keys) => [...keys, keyRecord({}, Date.now()).record]);";
  const held = start(
    "changeKeys(file, (keys) => { process.stdout.write('held'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000); return keys; });",
  );
  await new Promise((resolve) => held.stdout.once("data", resolve));
  const writers = Array.from({ length: 3 }, () => start(ten));
  held.kill("SIGKILL");
  const codes = await Promise.all(
    writers.map((child) => new Promise((resolve) => child.once("exit", resolve))),
  );
  assert.deepEqual(codes, [0, 0, 0]);
  assert.equal(readKeys(file).length, 31);
});

test("a file that changes is read again; one that is gone or damaged lets nobody in", async () => {
  const file = newFile();
  const key = add(file);
  const notes: string[] = [];
  const { ring, close } = watchKeys(file, { note: (text) => notes.push(text) });
  const until = async (holds: () => boolean): Promise<void> => {
    for (let i = 0; !holds() && i < 150; i++) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(holds());
  };
  try {
    assert.equal(ring.find(key).state, "valid");
    changeKeys(file, (keys) => keys.map((record) => ({ ...record, revokedAt: new Date().toISOString() })));
    await until(() => ring.find(key).state === "revoked");
    const second = add(file);
    await until(() => ring.find(second).state === "valid");
    writeFileSync(file, "{");
    await until(() => ring.find(second).state === "unknown");
    assert.equal(notes.length, 1);
    rmSync(file);
    await until(() => ring.size === 0);
    assert.equal(ring.required, true);
  } finally {
    close();
  }
});
