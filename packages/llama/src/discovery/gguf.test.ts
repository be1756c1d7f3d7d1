import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { writeGguf } from "../../test/gguf.ts";
import { pocketAdapter } from "../model/base.ts";
import { readGgufHeader, readGgufHeaderSync } from "./gguf.ts";
import { GgufError, parseGguf } from "./parse-gguf.ts";

const sample = writeGguf({
  "general.architecture": "llama",
  "general.name": "Sample",
  "general.type": "model",
  "llama.context_length": 8192,
  "llama.block_count": 2,
  "llama.attention.head_count_kv": [3, 1],
  "tokenizer.ggml.tokens": ["<s>", "a", "<end>", "  ", "<call>"],
  "tokenizer.ggml.token_type": [3, 1, 3, 4, 4],
  "tokenizer.ggml.bos_token_id": 0,
  "tokenizer.ggml.eos_token_id": 2,
  "tokenizer.chat_template": "{{ messages }}",
  "tokenizer.chat_template.tool_use": "{{ tools }}",
});

test("the head tells what the model is", () => {
  assert.deepEqual(parseGguf(sample), {
    version: 3,
    tensors: 1,
    architecture: "llama",
    name: "Sample",
    kind: "model",
    contextTokens: 8192,
    blocks: 2,
    kvHeads: 3,
    numbers: { context_length: 8192, block_count: 2, "attention.head_count_kv": [3, 1] },
    template: "{{ messages }}",
    templates: { tool_use: "{{ tools }}" },
    bos: "<s>",
    eos: "<end>",
    vocabulary: 5,
    specialTokens: [
      { id: 0, text: "<s>" },
      { id: 2, text: "<end>" },
      { id: 4, text: "<call>" },
    ],
  });
});

test("a head cut anywhere asks for more", () => {
  for (let size = 0; size < sample.length; size++) {
    assert.equal(parseGguf(sample.subarray(0, size)), undefined, `${size} bytes`);
  }
});

test("what is no GGUF, or claims absurd counts, is refused", () => {
  const cases: [Buffer, RegExp][] = [
    [Buffer.from("PK\x03\x04 a zip"), /does not begin/],
    [Buffer.concat([Buffer.from("GGUF"), Buffer.from([9, 0, 0, 0])]), /version 9/],
    [Buffer.concat([sample.subarray(0, 16), Buffer.alloc(8, 0xff)]), /metadata count/],
    [Buffer.concat([sample.subarray(0, 24), Buffer.alloc(8, 0xff)]), /text length/],
  ];
  for (const [buffer, message] of cases) assert.throws(() => parseGguf(buffer), message);
});

test("any damage ends in a head, a wish for more, or a GgufError", () => {
  fc.assert(
    fc.property(fc.nat(sample.length - 1), fc.nat(255), (at, byte) => {
      const damaged = Buffer.from(sample);
      damaged[at] = byte;
      try {
        parseGguf(damaged);
      } catch (error) {
        assert.ok(error instanceof GgufError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test("files are read by their heads, and cut ones are named", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hearth-gguf-"));
  try {
    const file = join(folder, "a.gguf");
    writeFileSync(file, Buffer.concat([sample, Buffer.alloc(5000)]));
    const header = await readGgufHeader(file);
    assert.equal(header.bytes, sample.length + 5000);
    assert.deepEqual(readGgufHeaderSync(file).specialTokens, header.specialTokens);
    writeFileSync(file, sample.subarray(0, 100));
    await assert.rejects(readGgufHeader(file), /ends within its head/);
    assert.throws(() => readGgufHeaderSync(file), /ends within its head/);
    await assert.rejects(readGgufHeader(join(folder, "none")), /ENOENT/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the adapter we ship is an adapter for this architecture", async () => {
  const header = await readGgufHeader(pocketAdapter());
  assert.equal(header.kind, "adapter");
  assert.equal(header.architecture, "llama");
});
