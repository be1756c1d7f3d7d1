import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EngineRefusedError } from "hearth";
import { Children } from "../../src/children.ts";
import { BASE, presentModel } from "../../src/index.ts";
import { resolveModel } from "../../src/models.ts";
import { ask, complete, create, withModel } from "../with-model.ts";

withModel(
  "a model that the free memory can't hold is refused before a process is started",
  async ({ cache }) => {
    const file = presentModel(BASE, join(cache, "models")) ?? "";
    const known = await resolveModel(file);
    const free = statSync(file).size;
    const opened = async (children: Children) => {
      const steps = children.open(known, undefined, undefined);
      let step = await steps.next();
      while (step.done !== true) step = await steps.next();
      return step.value;
    };
    const full = new Children({ gpu: false }, cache, () => free);
    await assert.rejects(opened(full), (error) => {
      assert.ok(error instanceof EngineRefusedError);
      assert.match(error.message, /needs at least 0\.\d GB.*0\.1 GB are free/);
      return true;
    });
    assert.equal(full.current, undefined);
    const bold = new Children({ gpu: false, memoryGuard: false }, cache, () => free);
    assert.equal((await opened(bold)).ready, true);
    await bold.close();
  },
);

withModel(
  "an engine that nobody asks lets its process go, and starts another when asked",
  async ({ cache }) => {
    const engine = create(cache, { idleMs: 60 });
    try {
      const first = await complete(engine, { prompt: ask("Hello") });
      const { pid } = engine;
      for (let i = 0; i < 200 && engine.pid !== undefined; i++) await sleep(25);
      assert.equal(engine.pid, undefined, "the process stayed");
      const second = await complete(engine, { prompt: ask("Hello") });
      assert.equal(second.text, first.text);
      assert.notEqual(engine.pid, pid);
    } finally {
      await engine.close();
    }
  },
);

withModel("requests in a row keep the process, however short the idle time", async ({ cache }) => {
  const engine = create(cache, { idleMs: 1 });
  try {
    const answers = await Promise.all([1, 2, 3].map(() => complete(engine, { prompt: ask("Hello") })));
    assert.deepEqual(
      answers.map(({ reason }) => reason),
      ["stop", "stop", "stop"],
    );
  } finally {
    await engine.close();
  }
});
