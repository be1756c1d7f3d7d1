import assert from "node:assert/strict";
import { test } from "node:test";
import type { OpenOptions } from "../protocol.ts";
import { openOptions, serves } from "./open.ts";

const own = new URL(import.meta.url).pathname;
const native = { addon: "/addon", backends: ["/bins"], gpu: false as const, version: "1" };
const open = (
  settings: { contextTokens?: number; threads?: number; gpuLayers?: number } = {},
  version = "1",
) =>
  openOptions(
    { ...native, version },
    { model: own },
    { contextTokens: 4096, gpuLayers: 0, cache: "/cache", ...settings },
  );

test("states are told apart by the window, the layers, the library and the files", () => {
  const identity = (options: OpenOptions) => options.prefix?.identity;
  const all = [open(), open({ contextTokens: 8192 }), open({ gpuLayers: -1 }), open({}, "2")];
  const adapted = openOptions(
    native,
    { model: own, adapter: own },
    { contextTokens: 4096, gpuLayers: 0, cache: "/cache" },
  );
  assert.equal(new Set([...all, adapted].map(identity)).size, 5);
  assert.equal(identity(open()), identity(open({ threads: 2 })));
});

test("a child serves whoever wants its model in a window that is not larger", () => {
  assert.ok(serves(open(), open()));
  assert.ok(serves(open({ contextTokens: 8192 }), open()));
  assert.ok(!serves(open(), open({ contextTokens: 8192 })));
  assert.ok(!serves(open(), open({ threads: 2 })));
});
