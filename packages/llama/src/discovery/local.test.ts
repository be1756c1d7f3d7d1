import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { writeGguf } from "../../test/gguf.ts";
import { findLocalModels } from "./local.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "hearth-home-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function put(path: string, content: Buffer | string, padding = 0): string {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    typeof content === "string" ? content : Buffer.concat([content, Buffer.alloc(padding)]),
  );
  return file;
}

const model = (values: Parameters<typeof writeGguf>[0] = {}) =>
  writeGguf({ "general.architecture": "llama", "llama.context_length": 4096, ...values });
const tools = { "tokenizer.chat_template": "{% if tools %}{{ tools }}{% endif %}" };

const find = (memoryBytes = 1e9, env: Record<string, string> = {}) =>
  findLocalModels({ home, env, memoryBytes });
const names = async (memoryBytes?: number) =>
  (await find(memoryBytes)).map(({ name, source }) => `${source} ${name}`);

function ollama(path: string, digest: string, mediaType = "application/vnd.ollama.image.model"): void {
  const manifest = {
    layers: [
      { mediaType: "application/vnd.ollama.image.template", digest: "sha256:00" },
      { mediaType, digest },
    ],
  };
  put(`.ollama/models/manifests/${path}`, JSON.stringify(manifest));
}

test("models of Ollama, LM Studio, the Hugging Face tools and llama.cpp are found by the names their programs use", async () => {
  const hash = "a".repeat(64);
  ollama("registry.ollama.ai/library/qwen3/8b", `sha256:${hash}`);
  put(`.ollama/models/blobs/sha256-${hash}`, model());
  put(".lmstudio/models/org/repo/m.gguf", model());
  const other = put("elsewhere/pub/repo2/n.gguf", model());
  put(".lmstudio/settings.json", JSON.stringify({ downloadsFolder: dirname(dirname(dirname(other))) }));
  const blob = put(".cache/huggingface/hub/models--org--name/blobs/abc", model());
  const link = join(home, ".cache/huggingface/hub/models--org--name/snapshots/rev/q4.gguf");
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(blob, link);
  put(".cache/llama.cpp/x.gguf", model());
  assert.deepEqual((await names()).sort(), [
    "huggingface org/name/q4.gguf",
    "llama.cpp x.gguf",
    "lmstudio org/repo/m.gguf",
    "lmstudio pub/repo2/n.gguf",
    "ollama qwen3:8b",
  ]);
});

test("those with tools come first, then those that fit, the largest first", async () => {
  put(".cache/llama.cpp/plain.gguf", model(), 4000);
  put(".cache/llama.cpp/small.gguf", model(tools), 1000);
  put(".cache/llama.cpp/large.gguf", model(tools), 2000);
  put(".cache/llama.cpp/huge.gguf", model(tools), 9000);
  assert.deepEqual(await names(8000), [
    "llama.cpp large.gguf",
    "llama.cpp small.gguf",
    "llama.cpp huge.gguf",
    "llama.cpp plain.gguf",
  ]);
  const [best] = await find(8000);
  assert.equal(best?.info.maxContextTokens, 4096);
  assert.deepEqual(best?.info.capabilities, ["completion", "tools"]);
});

test("what does not answer is left out: vision parts, embedders, adapters, vocabularies, other files, cut ones", async () => {
  put(".cache/llama.cpp/mmproj-x.gguf", model());
  put(".cache/llama.cpp/clip.gguf", writeGguf({ "general.architecture": "clip" }));
  put(".cache/llama.cpp/bert.gguf", writeGguf({ "general.architecture": "nomic-bert" }));
  put(".cache/llama.cpp/ranker.gguf", model({ "llama.pooling_type": 4 }));
  put(".cache/llama.cpp/adapter.gguf", model({ "general.type": "adapter" }));
  put(".cache/llama.cpp/vocabulary.gguf", writeGguf({ "general.architecture": "llama" }, 0));
  put(".cache/llama.cpp/text.gguf", "not a model");
  put(".cache/llama.cpp/cut.gguf", model().subarray(0, 60));
  put(".cache/llama.cpp/good.gguf", model());
  assert.deepEqual(await names(), ["llama.cpp good.gguf"]);
});

test("a model in parts counts once, with the size of all, and only when all are there", async () => {
  put(".cache/llama.cpp/big-00001-of-00002.gguf", model(), 100);
  put(".cache/llama.cpp/big-00002-of-00002.gguf", model(), 5000);
  put(".cache/llama.cpp/half-00001-of-00002.gguf", model());
  const found = await find();
  assert.deepEqual(
    found.map(({ name }) => name),
    ["big-00001-of-00002.gguf"],
  );
  assert.equal(found[0]?.info.bytes, 2 * model().length + 5100);
});

test("manifests that are broken, or name what is not there, are passed over", async () => {
  put(".ollama/models/manifests/registry.ollama.ai/library/bad/1", "{");
  put(
    ".ollama/models/manifests/registry.ollama.ai/library/bad/2",
    JSON.stringify({ layers: [{ mediaType: 1 }] }),
  );
  ollama("registry.ollama.ai/library/gone/latest", `sha256:${"b".repeat(64)}`);
  ollama("registry.ollama.ai/library/evil/latest", "sha256:../../../etc/passwd");
  assert.deepEqual(await names(), []);
});

test("nothing there is nothing found", async () => {
  assert.deepEqual(await find(1e9, { OLLAMA_MODELS: "/nonexistent", HF_HOME: join(home, "file") }), []);
});
