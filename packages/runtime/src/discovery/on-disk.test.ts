import assert from "node:assert/strict";
import { test } from "node:test";
import type { LocalModel } from "@hearth/llama";
import { bestLocal, memoryOf } from "./on-disk.ts";

const NUMBERS = {
  block_count: 32,
  embedding_length: 4096,
  "attention.head_count": 32,
  "attention.head_count_kv": 8,
};

function local(name: string, gigabytes: number, more: Partial<LocalModel> = {}): LocalModel {
  return {
    name,
    source: "ollama",
    file: `/m/${name}`,
    tools: true,
    fits: true,
    info: { name, bytes: gigabytes * 1e9, maxContextTokens: 32768 },
    head: { architecture: "llama", numbers: NUMBERS, vocabulary: 100_000 },
    ...more,
  };
}

test("the largest that knows tools and fits is taken, unless a processor would crawl through it", () => {
  const experts = { numbers: { ...NUMBERS, expert_count: 32, expert_used_count: 4 } };
  const cases: [LocalModel[], freeGb: number, gpu: boolean, string | undefined][] = [
    [[], 16, false, undefined],
    [[local("a", 2), local("b", 5)], 16, false, "b"],
    [[local("a", 2), local("b", 5)], 6, false, "a"],
    [[local("a", 2)], 2, false, undefined],
    [[local("a", 2), local("b", 5, { tools: false })], 16, false, "a"],
    [[local("b", 5, { tools: false })], 16, false, undefined],
    [[local("a", 5), local("b", 20)], 64, false, "a"],
    [[local("a", 5), local("b", 20)], 64, true, "b"],
    [[local("a", 5), local("moe", 14, { head: experts })], 64, false, "moe"],
    [[local("a", 40), local("b", 20)], 64, false, "b"],
  ];
  for (const [models, freeGb, gpu, wanted] of cases) {
    assert.equal(
      bestLocal(models, freeGb * 1e9, gpu)?.model.name,
      wanted,
      JSON.stringify([freeGb, gpu, wanted]),
    );
  }
});

test("memory is weights, cache and what computing needs; a head that says little costs a guess", () => {
  const { weights, cache, total } = memoryOf(local("a", 5), false);
  assert.equal(weights, 5e9);
  // 32 layers of 8 heads of 2 × 128 elements of 2 bytes: 128 KiB a token.
  assert.ok(Math.abs(cache / 8192 - 128 * 1024) < 300);
  assert.ok(total > weights + cache);
  assert.ok(memoryOf(local("a", 5, { head: {} }), false).total > 5.4e9);
});
