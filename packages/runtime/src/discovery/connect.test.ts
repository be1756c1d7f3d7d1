import assert from "node:assert/strict";
import { test } from "node:test";
import type { LocalModel } from "@hearth/llama";
import { type Engine, type ModelInfo, ModelNotFoundError } from "hearth";
import {
  type Origin,
  SETTING_KEYS,
  type SettingKey,
  type Settings,
  settingOf,
  userPaths,
} from "../config/index.ts";
import { choose, readModelWish } from "./choose.ts";
import { type ConnectEffects, connect } from "./connect.ts";
import type { FoundServer, Place } from "./servers.ts";

const server = (
  name: FoundServer["name"],
  models: ModelInfo[],
  more: Partial<FoundServer> = {},
): FoundServer => ({
  name,
  address: `http://127.0.0.1/${name}`,
  wire: name === "ollama" ? "ollama" : "openai",
  models,
  ...more,
});
const tools = (name: string): ModelInfo => ({ name, capabilities: ["completion", "tools"] });
const plain = (name: string): ModelInfo => ({ name, capabilities: ["completion"] });

test("the first usable model of the first server that has one is chosen", () => {
  const cases: [FoundServer[], string | undefined, string | undefined][] = [
    [[], undefined, undefined],
    [[server("ollama", [tools("a")])], undefined, "ollama a"],
    [[server("ollama", [plain("a")]), server("vllm", [{ name: "b" }])], undefined, "vllm b"],
    [[server("ollama", [plain("a"), tools("b")])], undefined, "ollama b"],
    [[server("ollama", [tools("big:120b-cloud"), tools("b")])], undefined, "ollama b"],
    [[server("lmstudio", [{ name: "text-embedding-nomic" }, { name: "qwen" }])], undefined, "lmstudio qwen"],
    [[server("ollama", [tools("a"), plain("b:latest")])], "b", "ollama b:latest"],
    [[server("ollama", [tools("a")]), server("vllm", [{ name: "Org/B" }])], "org/b", "vllm Org/B"],
    [[server("ollama", [tools("a")])], "c", undefined],
  ];
  for (const [found, model, wanted] of cases) {
    const choice = choose(found, model);
    assert.equal(choice && `${choice.server.name} ${choice.model}`, wanted);
  }
});

test("-m is a name, a file, or an engine with a name", () => {
  assert.deepEqual(readModelWish(undefined), { kind: "any" });
  assert.deepEqual(readModelWish("qwen3:8b"), { kind: "name", name: "qwen3:8b" });
  assert.deepEqual(readModelWish("org/model"), { kind: "name", name: "org/model" });
  assert.deepEqual(readModelWish("ollama/qwen3"), { kind: "engine", engine: "ollama", name: "qwen3" });
  assert.deepEqual(readModelWish("lmstudio/org/m"), { kind: "engine", engine: "lmstudio", name: "org/m" });
  assert.deepEqual(readModelWish("m.gguf"), { kind: "file", file: "m.gguf" });
  assert.deepEqual(readModelWish("embedded/"), { kind: "engine", engine: "embedded", name: undefined });
});

interface Told {
  looked: (readonly Place[])[];
  asked: { address: string; apiKey: string | undefined }[];
  embedded: (string | undefined)[];
}

interface Machine {
  onDisk?: LocalModel[];
  gpu?: boolean | undefined;
}

function effects(
  found: FoundServer[],
  known = ["pocket"],
  { onDisk = [], gpu = false }: Machine = {},
): { effects: ConnectEffects; told: Told } {
  const told: Told = { looked: [], asked: [], embedded: [] };
  const engine: Engine = {
    id: "embedded",
    address: "here",
    models: async () => [],
    describe: async (name) => {
      if (known.includes(name)) return { name };
      throw new ModelNotFoundError(`no ${name}`);
    },
    close: async () => undefined,
  };
  return {
    told,
    effects: {
      lookAround: async (list) => {
        told.looked.push(list);
        return found;
      },
      recognise: async (address, { apiKey } = {}) => {
        told.asked.push({ address, apiKey });
        return undefined;
      },
      embedded: ({ model }) => {
        told.embedded.push(model);
        return { engine, model: model ?? "pocket" };
      },
      localModels: async () => onDisk,
      room: () => ({ total: 12e9, now: 10e9 }),
      gpu: () => gpu,
    },
  };
}

function config(given: Partial<Settings>, untrusted: SettingKey[] = []) {
  const settings = Object.fromEntries(SETTING_KEYS.map((key) => [key, settingOf(key).default]));
  const origins = Object.fromEntries(
    SETTING_KEYS.map((key): [string, Origin] => [
      key,
      { source: "flag", where: "", name: key, trusted: !untrusted.includes(key) },
    ]),
  );
  return {
    settings: { ...settings, ...given } as Settings,
    origins: origins as Record<SettingKey, Origin>,
    folder: "/here",
    paths: userPaths({ HOME: "/home/me" }),
  };
}

test("an engine that was named is taken without asking anybody", async () => {
  const cases: [Partial<Settings>, string, string | undefined, string][] = [
    [{ engine: "http://127.0.0.1:5/v1", wire: "openai", model: "m" }, "http://127.0.0.1:5", "m", "openai"],
    [{ engine: "http://127.0.0.1:5/api", wire: "ollama", model: "m" }, "http://127.0.0.1:5", "m", "ollama"],
    [{ engine: "ollama" }, "ollama", undefined, "ollama"],
    [{ engine: "vllm", model: "org/m" }, "vllm", "org/m", "openai"],
    [{ model: "ollama/qwen3" }, "ollama", "qwen3", "ollama"],
    [{ engine: "lmstudio", model: "lmstudio/org/m" }, "lmstudio", "org/m", "openai"],
  ];
  for (const [given, name, model, id] of cases) {
    const { effects: fake, told } = effects([]);
    const connection = await connect(config(given), { effects: fake });
    assert.equal(connection.name, name);
    assert.equal(connection.ref.model, model);
    assert.equal(connection.ref.engine.id, id);
    assert.deepEqual([told.looked, told.asked, told.embedded], [[], [], []]);
    await connection.ref.engine.close();
  }
});

test("OLLAMA_HOST says where Ollama is when it is named", async () => {
  const { ref } = await connect(
    config({ engine: "ollama", "ollama.url": "http://gpu-box:11434" }),
    effects([]),
  );
  assert.equal(ref.engine.address, "http://gpu-box:11434");
  await ref.engine.close();
});

test("the user's key goes to the engine the user named, never to one a workspace named", async () => {
  const given = { engine: "https://models.example", apiKey: "k" };
  const mine = effects([]);
  await connect(config(given), { effects: mine.effects });
  assert.deepEqual(mine.told.asked, [{ address: "https://models.example", apiKey: "k" }]);
  const theirs = effects([]);
  await connect(config(given, ["engine"]), { effects: theirs.effects });
  assert.deepEqual(theirs.told.asked, [{ address: "https://models.example", apiKey: undefined }]);
});

test("a key that travels unencrypted is said", async () => {
  const given: Partial<Settings> = { engine: "http://gpu-box:8000", wire: "openai", apiKey: "k" };
  assert.match((await connect(config(given), effects([]))).notices.join(), /unencrypted/);
  assert.deepEqual((await connect(config({ ...given, engine: "https://gpu-box" }), effects([]))).notices, []);
});

test("auto takes what it finds here, else the embedded engine, and says what it passed over", async () => {
  const found = await connect(config({}), effects([server("lmstudio", [tools("m")])]));
  assert.equal(found.name, "lmstudio");
  assert.equal(found.ref.model, "m");
  const weak = await connect(config({}), effects([server("ollama", [plain("m")])]));
  assert.equal(weak.name, "embedded");
  assert.match(weak.notices.join(), /ollama at .* no model that can call tools/);
  const away = await connect(config({ "ollama.url": "http://gpu-box:11434" }), effects([]));
  assert.equal(away.name, "embedded");
  assert.match(away.notices.join(), /gpu-box.*another machine.*--engine http:\/\/gpu-box:11434/);
});

const file = (name: string, tools = true): LocalModel => ({
  name,
  source: "lmstudio",
  file: `/m/${name}`,
  tools,
  fits: true,
  info: { name, bytes: 2e9 },
  head: {},
});

test("without a server auto takes the best model file, else pocket, and says in one line how to get better", async () => {
  const disk = effects([], [], { onDisk: [file("org/m.gguf"), file("plain.gguf", false)] });
  const local = await connect(config({}), disk);
  assert.deepEqual(disk.told.embedded, ["org/m.gguf"]);
  assert.equal(local.notices.length, 1);
  assert.match(local.notices[0] ?? "", /Using org\/m\.gguf \(lmstudio's file, about 2\.6 GB/);
  const pocket = await connect(config({}), effects([], [], { onDisk: [file("plain.gguf", false)] }));
  assert.equal(pocket.ref.model, "pocket");
  assert.deepEqual(pocket.notices, [
    "Using pocket, a very small model for simple requests about files; with Ollama this machine can run Qwen3.5 9B (`hearth pull qwen3.5:9b`).",
  ]);
  const served = await connect(
    config({}),
    effects([server("ollama", [tools("m")])], [], { onDisk: [file("x.gguf")] }),
  );
  assert.deepEqual([served.name, served.notices], ["ollama", []]);
  const chosen = await connect(config({ engine: "embedded" }), disk);
  assert.deepEqual([chosen.ref.model, chosen.notices], ["pocket", []]);
});

test("a model file is known by the name its program gives it", async () => {
  const disk = effects([], [], { onDisk: [file("org/repo/m.gguf")] });
  await connect(config({ model: "org/repo/M.gguf" }), disk);
  await connect(config({ model: "org/repo/n.gguf" }), disk);
  assert.deepEqual(disk.told.embedded, ["org/repo/M.gguf", "/here/org/repo/n.gguf"]);
});

test("a model that no engine here has is an error with the nearest name", async () => {
  await assert.rejects(
    connect(config({ model: "qwen4" }), effects([server("ollama", [tools("qwen3")])])),
    (error) => {
      assert.ok(error instanceof ModelNotFoundError);
      assert.equal(error.exitCode, 4);
      assert.match(error.remedy ?? "", /qwen3/);
      return true;
    },
  );
  const local = await connect(config({ model: "disk-model" }), effects([], ["disk-model"]));
  assert.equal(local.ref.model, "disk-model");
});

test("a GGUF file is for the embedded engine, its path meant from the user's folder", async () => {
  const one = effects([]);
  await connect(config({ model: "models/m.gguf" }), { effects: one.effects });
  assert.deepEqual(one.told.embedded, ["/here/models/m.gguf"]);
  const other = await connect(config({ engine: "llama-server", model: "m.gguf" }), effects([]));
  assert.equal(other.ref.model, "m.gguf");
});
