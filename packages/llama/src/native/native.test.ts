import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { DownloadError, UsageError } from "hearth";
import { findLlama } from "./find.ts";
import { installEngine, planInstall } from "./install.ts";
import { buildsFor, LLAMA_VERSION } from "./version.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-native-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, version = LLAMA_VERSION): void {
  const own = join(folder, "node_modules", "@node-llama-cpp", name);
  mkdirSync(join(own, "bins", name), { recursive: true });
  writeFileSync(join(own, "package.json"), JSON.stringify({ version }));
  writeFileSync(join(own, "bins", name, "llama-addon.node"), "");
}

const own = buildsFor();
const cpu = own.find(({ gpu }) => gpu === false);
const cuda = own.find(({ gpu }) => gpu === "cuda");

test("the native part of this repository is found", () => {
  const found = findLlama();
  assert.ok(!("missing" in found), JSON.stringify(found));
  assert.equal(found.version, LLAMA_VERSION);
});

test("nothing there, and another release, are told apart", { skip: cpu === undefined }, () => {
  const missing = (): string => {
    const found = findLlama({ folders: [folder] });
    assert.ok("missing" in found);
    return found.missing;
  };
  assert.match(missing(), /not installed/);
  put(cpu?.name ?? "", "9.9.9");
  assert.match(missing(), /9\.9\.9 is there, but .* is needed/);
});

test("a GPU pack is taken before the processor's build, unless it is not wanted", {
  skip: cuda === undefined,
}, () => {
  put(cpu?.name ?? "");
  put(cuda?.name ?? "");
  const gpu = (wanted: boolean) => {
    const found = findLlama({ folders: [folder], gpu: wanted });
    return "missing" in found ? found.missing : found.gpu;
  };
  assert.equal(gpu(true), "cuda");
  assert.equal(gpu(false), false);
});

test("the plan names exact packages, no scripts, and the user's folder", { skip: cpu === undefined }, () => {
  const { packages, command } = planInstall({ folder });
  assert.deepEqual(packages, [`@node-llama-cpp/${cpu?.name}@${LLAMA_VERSION}`]);
  assert.ok(command.includes("--ignore-scripts") && command.includes("--omit=optional"));
  assert.equal(command[command.indexOf("--prefix") + 1], folder);
});

test("a GPU pack is planned where its driver is seen, else the processor's build", {
  skip: cuda === undefined,
}, () => {
  const plan = (seen: RegExp) => planInstall({ folder, gpu: "auto" }, (file) => seen.test(file)).packages;
  assert.deepEqual(plan(/cuda/), [
    `@node-llama-cpp/${cuda?.name}@${LLAMA_VERSION}`,
    `@node-llama-cpp/${cuda?.extra}@${LLAMA_VERSION}`,
  ]);
  assert.deepEqual(plan(/vulkan/), [
    `@node-llama-cpp/${cuda?.name.replace("cuda", "vulkan")}@${LLAMA_VERSION}`,
  ]);
  assert.deepEqual(plan(/nothing/), [`@node-llama-cpp/${cpu?.name}@${LLAMA_VERSION}`]);
});

test("a dry run runs nothing", { skip: cpu === undefined }, async () => {
  const plan = await installEngine({ folder: join(folder, "none"), dryRun: true });
  assert.ok("command" in plan);
});

test("a folder that can't be written to is said", { skip: cpu === undefined }, async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  await assert.rejects(installEngine({ folder: join(file, "below") }), (error) => {
    assert.ok(error instanceof DownloadError, String(error));
    assert.match(error.remedy ?? "", /XDG_DATA_HOME/);
    return true;
  });
});

test("platforms without a build are told", () => {
  assert.deepEqual(buildsFor("plan9", "mips"), []);
  assert.deepEqual(buildsFor("darwin", "arm64"), [{ name: "mac-arm64-metal", gpu: "metal" }]);
  if (cuda === undefined) assert.throws(() => planInstall({ folder, gpu: "cuda" }), UsageError);
});
