import assert from "node:assert/strict";
import { test } from "node:test";
import { earlyStart } from "./prewarm.ts";

test("the embedded engine is started early only where it may be wanted", () => {
  const cases: [string[], Record<string, string>, boolean][] = [
    [["run", "task"], {}, true],
    [["run", "--engine", "embedded", "task"], {}, true],
    [["run", "--engine=embedded", "task"], { HEARTH_ENGINE: "ollama" }, true],
    [["run", "-m", "pocket", "task"], {}, true],
    [["run", "--engine", "ollama", "task"], {}, false],
    [["run", "task"], { HEARTH_ENGINE: "http://127.0.0.1:1" }, false],
    [["run", "-m", "qwen3", "task"], {}, false],
    [["run", "task"], { MODEL_NAME: "qwen3" }, false],
    [["run", "--help"], {}, false],
    [["doctor"], {}, false],
    [[], {}, false],
  ];
  for (const [args, env, wanted] of cases)
    assert.equal(earlyStart(args, env) !== undefined, wanted, args.join(" "));
});

test("it is started with the window that the run will ask for", () => {
  assert.deepEqual(earlyStart(["run", "x"], {}), {});
  assert.deepEqual(earlyStart(["run", "--context", "2048", "x"], {}), { contextTokens: 2048 });
  assert.deepEqual(earlyStart(["run", "x"], { HEARTH_CONTEXT: "999999" }), { contextTokens: 8192 });
  assert.deepEqual(earlyStart(["run", "--context", "many", "x"], {}), {});
});
