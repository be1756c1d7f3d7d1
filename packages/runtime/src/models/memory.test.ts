import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cacheBytes, estimateMemory } from "./memory.ts";
import { type ModelHead, shapeOf } from "./shape.ts";

const MIB = 1024 * 1024;

/** Heads of models as their files have them, and the MiB of their caches as llama.cpp allocates them. */
const MEASURED: [string, ModelHead, [contextTokens: number, mib: number][]][] = [
  [
    "qwen3-8b",
    {
      architecture: "qwen3",
      numbers: {
        block_count: 36,
        embedding_length: 4096,
        "attention.head_count": 32,
        "attention.head_count_kv": 8,
        "attention.key_length": 128,
        "attention.value_length": 128,
      },
    },
    [
      [4096, 578.1],
      [32768, 4610.1],
    ],
  ],
  [
    "gpt-oss-20b",
    {
      architecture: "gpt-oss",
      numbers: {
        block_count: 24,
        embedding_length: 2880,
        "attention.head_count": 64,
        "attention.head_count_kv": 8,
        "attention.key_length": 64,
        "attention.value_length": 64,
        "attention.sliding_window": 128,
      },
    },
    [
      [4096, 116.0],
      [32768, 788.0],
    ],
  ],
  [
    "gemma3-4b",
    {
      architecture: "gemma3",
      numbers: {
        block_count: 34,
        embedding_length: 2560,
        "attention.head_count": 8,
        "attention.head_count_kv": 4,
        "attention.key_length": 256,
        "attention.value_length": 256,
        "attention.sliding_window": 1024,
      },
    },
    [[32768, 845.1]],
  ],
  [
    "qwen35-like",
    {
      architecture: "qwen35",
      numbers: {
        block_count: 32,
        embedding_length: 2560,
        "attention.head_count": 16,
        "attention.head_count_kv": 4,
        "attention.key_length": 256,
        "attention.value_length": 256,
        full_attention_interval: 4,
        "ssm.conv_kernel": 4,
        "ssm.state_size": 128,
        "ssm.group_count": 16,
        "ssm.inner_size": 4096,
      },
    },
    [
      [4096, 180.3],
      [32768, 1076.3],
    ],
  ],
  [
    "granite-8b",
    {
      architecture: "granite",
      numbers: {
        block_count: 40,
        embedding_length: 4096,
        "attention.head_count": 32,
        "attention.head_count_kv": 8,
      },
    },
    [
      [4096, 642.1],
      [32768, 5122.1],
    ],
  ],
];

test("caches are what llama.cpp allocates, to 0.1 MiB", () => {
  for (const [name, head, figures] of MEASURED) {
    const shape = shapeOf(head);
    assert.ok(shape, name);
    for (const [contextTokens, mib] of figures) {
      const found = cacheBytes(shape, { contextTokens }) / MIB;
      assert.ok(Math.abs(found - mib) <= 0.1, `${name} at ${contextTokens}: ${found.toFixed(2)}, not ${mib}`);
    }
  }
});

/** Layers of Qwen3.5 and 3.6: three of four are recurrent. */
const hybrid = (blocks: number, inner: number, kvHeads: number): ModelHead => ({
  architecture: "qwen35",
  numbers: {
    block_count: blocks,
    embedding_length: 4096,
    "attention.head_count": 16,
    "attention.head_count_kv": kvHeads,
    "attention.key_length": 256,
    "attention.value_length": 256,
    full_attention_interval: 4,
    "ssm.conv_kernel": 4,
    "ssm.state_size": 128,
    "ssm.group_count": 16,
    "ssm.inner_size": inner,
  },
});

test("recurrent states are those of llama.cpp's own logs, whatever the window", () => {
  const cases: [ModelHead, number, number][] = [
    // Qwen3.5-27B, 4 sequences (llama.cpp #20153); a checkpoint of the 35B-A3B class (#21831).
    [hybrid(64, 6144, 4), 4, 598.5],
    [hybrid(40, 4096, 2), 1, 62.813],
  ];
  for (const [head, sequences, mib] of cases) {
    const layers = shapeOf(head)?.layers ?? [];
    const elements = layers.reduce((sum, one) => sum + (one.kind === "recurrent" ? one.elements : 0), 0);
    assert.ok(Math.abs((elements * 4 * sequences) / MIB - mib) < 0.01);
  }
});

test("a token costs what the model's cards say", () => {
  const perToken = (head: ModelHead): number => {
    const shape = shapeOf(head);
    assert.ok(shape);
    return (
      (cacheBytes(shape, { contextTokens: 512 }) - cacheBytes(shape, { contextTokens: 256 })) / 256 / 1024
    );
  };
  assert.equal(perToken(hybrid(64, 6144, 4)), 64);
  assert.equal(perToken(hybrid(40, 4096, 2)), 20);
  assert.equal(perToken(MEASURED[0]?.[1] ?? {}), 144);
});

test("layers without heads, with shared caches or latent attention", () => {
  const nemotron = shapeOf({
    architecture: "nemotron_h",
    numbers: {
      block_count: 3,
      embedding_length: 64,
      "attention.head_count": 4,
      "attention.head_count_kv": [0, 2, 0],
      "attention.key_length": 8,
      "ssm.inner_size": 32,
      "ssm.state_size": 16,
    },
  });
  assert.deepEqual(nemotron?.layers, [
    { kind: "recurrent", elements: 512 },
    { kind: "attention", elements: 32 },
    { kind: "recurrent", elements: 512 },
  ]);
  const numbers = {
    block_count: 2,
    embedding_length: 64,
    "attention.head_count": 4,
    "attention.head_count_kv": 1,
  };
  const shared = shapeOf({ numbers: { ...numbers, "attention.shared_kv_layers": 1 } });
  assert.deepEqual(
    shared?.layers.map(({ kind }) => kind),
    ["attention", "none"],
  );
  const latent = shapeOf({
    architecture: "deepseek2",
    numbers: {
      ...numbers,
      "attention.key_length": 576,
      "attention.key_length_mla": 192,
      "attention.kv_lora_rank": 512,
      "rope.dimension_count": 64,
    },
  });
  assert.deepEqual(latent?.layers[0], { kind: "attention", elements: 576 });
  const gemma4 = shapeOf({
    architecture: "gemma4",
    numbers: {
      ...numbers,
      "attention.key_length": 512,
      "attention.key_length_swa": 256,
      "attention.sliding_window": 128,
      "attention.sliding_window_pattern": [1, 0],
    },
  });
  assert.deepEqual(gemma4?.layers, [
    { kind: "attention", elements: 512, window: 128 },
    { kind: "attention", elements: 1024 },
  ]);
  assert.equal(shapeOf({ architecture: "unknown" }), undefined);
});

test("more tokens, sequences or bits never cost less", () => {
  const shapes = MEASURED.flatMap(([, head]) => shapeOf(head) ?? []);
  fc.assert(
    fc.property(
      fc.constantFrom(...shapes),
      fc.integer({ min: 1, max: 200_000 }),
      fc.integer({ min: 0, max: 50_000 }),
      fc.integer({ min: 1, max: 8 }),
      (shape, contextTokens, more, sequences) => {
        const base = cacheBytes(shape, { contextTokens, sequences });
        assert.ok(cacheBytes(shape, { contextTokens: contextTokens + more, sequences }) >= base);
        assert.ok(cacheBytes(shape, { contextTokens, sequences: sequences + 1 }) >= base);
        assert.ok(cacheBytes(shape, { contextTokens, sequences, type: "q8_0" }) <= base);
        assert.ok(estimateMemory(1e9, shape, { contextTokens, sequences }).total > 1e9 + base);
      },
    ),
  );
});

test("the whole is what the embedded engine's process was measured to take, to 3 %", () => {
  // SmolLM2-135M Q4_1 on a processor, windows filled; resident bytes of the child process.
  const smol = shapeOf({
    architecture: "llama",
    numbers: {
      block_count: 30,
      embedding_length: 576,
      "attention.head_count": 9,
      "attention.head_count_kv": 3,
    },
    vocabulary: 49_152,
  });
  for (const [contextTokens, kib] of [
    [1024, 202_368],
    [2048, 225_536],
    [4096, 272_940],
  ] as const) {
    const { total } = estimateMemory(98_362_432, smol, { contextTokens });
    assert.ok(Math.abs(total / (kib * 1024) - 1) < 0.03, `${contextTokens}: ${total} bytes`);
  }
  const onGpu = estimateMemory(98_362_432, smol, { contextTokens: 1024, gpu: true });
  assert.ok(onGpu.compute > 49_152 * 512 * 4);
});
