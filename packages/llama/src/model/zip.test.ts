import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, test } from "node:test";
import { writeZip } from "../../test/zip.ts";
import { openZipEntry } from "./zip.ts";

const folder = mkdtempSync(join(tmpdir(), "hearth-zip-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "a.zip");
const content = Buffer.from("hearth ".repeat(100_000));
const files = { "other.txt": Buffer.from("x"), "in/model.gguf": content };

const entry = async (zip: Buffer, name = "in/model.gguf") => {
  writeFileSync(file, zip);
  return buffer(await openZipEntry(file, name));
};

test("an entry comes out as it went in, packed or stored", async () => {
  for (const packed of [true, false]) assert.ok(content.equals(await entry(writeZip(files, packed))));
});

test("what is no zip, lacks the entry or is cut off is refused", async () => {
  const zip = writeZip(files, true);
  await assert.rejects(entry(Buffer.from("no zip at all")), /no zip file/);
  await assert.rejects(entry(Buffer.alloc(0)), /no zip file/);
  await assert.rejects(entry(zip.subarray(0, zip.length - 40)), /no zip file/);
  await assert.rejects(entry(zip, "none"), /holds no none/);
  await assert.rejects(entry(zip.subarray(100)), /damaged|cut off|does not begin|holds no/);
});
