import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineRefusedError } from "hearth";
import { ensureRoom, isAmple, leastMemory, type Sized } from "./room.ts";

const model = (more: Partial<Sized> = {}): Sized => ({
  bytes: 5e9,
  blocks: 32,
  embedding: 4096,
  heads: 32,
  kvHeads: 8,
  contextTokens: 32_768,
  ...more,
});

test("the least a model takes is its weights, its keys and values, and a process", () => {
  const cases: [string, Sized, number, number][] = [
    // 32 layers × 8 heads × (128 + 128) × 2 bytes × 8,192 tokens = 1.07 GB
    ["a plain one", model(), 8192, 5.1e9 + 32 * 8 * 256 * 2 * 8192],
    ["never more tokens than it was made for", model(), 99_999, 5.1e9 + 32 * 8 * 256 * 2 * 32_768],
    [
      "heads of their own size",
      model({ keyLength: 64, valueLength: 64 }),
      8192,
      5.1e9 + 32 * 8 * 128 * 2 * 8192,
    ],
    ["layers not told", model({ blocks: 0, kvHeads: 0 }), 8192, 5.1e9],
    ["recurrent layers", model({ numbers: { "ssm.state_size": 128 } }), 8192, 5.1e9],
    ["compressed keys", model({ numbers: { "attention.kv_lora_rank": 512 } }), 8192, 5.1e9],
  ];
  for (const [what, sized, window, bytes] of cases) assert.equal(leastMemory(sized, window), bytes, what);
});

test("what does not fit is refused with both figures and what would help", () => {
  ensureRoom("m", model(), 8192, 7e9);
  assert.throws(
    () => ensureRoom("m", model(), 8192, 6e9),
    (error) => {
      assert.ok(error instanceof EngineRefusedError);
      assert.match(error.message, /at least 6\.2 GB.*8192 tokens.*6\.0 GB are free/);
      assert.match(error.remedy ?? "", /--context/);
      return true;
    },
  );
  assert.throws(
    () => ensureRoom("m", model(), 8192, 3e9),
    (error) => error instanceof EngineRefusedError && /smaller model/.test(error.remedy ?? ""),
  );
  assert.equal(isAmple(1e8, 8e9), true);
  assert.equal(isAmple(5e9, 8e9), false);
});
