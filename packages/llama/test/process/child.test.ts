import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EngineFailedError } from "hearth";
import { ask, complete, ENDLESS, never, withModel } from "../with-model.ts";

const INDEX = new URL("../../src/index.ts", import.meta.url).href;

/** Runs a program with an engine, in a process of its own, and returns what it wrote. `kill`: ends it at its first word. */
function run(cache: string, script: string, kill = false) {
  const file = join(cache, "program.ts");
  const engine = `createEmbedded({ cache: ${JSON.stringify(cache)}, gpu: false })`;
  writeFileSync(
    file,
    `import { createEmbedded, prewarm } from ${JSON.stringify(INDEX)};
const cache = ${JSON.stringify(cache)};
const engine = ${engine};
const request = { model: "pocket", prompt: ${JSON.stringify(ask("Hello"))}, sampling: { maxTokens: 5 } };
const endless = { ...request, sampling: {}, grammar: { gbnf: 'root ::= "a"*' } };
const never = new AbortController().signal;
${script}`,
  );
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn(process.execPath, ["--conditions=@hearth/source", file], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data: Buffer) => {
      stdout += data.toString();
      if (kill) child.kill("SIGKILL");
    });
    child.stderr.on("data", (data: Buffer) => {
      stderr += data.toString();
    });
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

const ANSWER = `for await (const event of engine.complete(request, never)) {
  if (event.type === "text") process.stdout.write(event.text);
}`;

/** Gone, or dead and not yet collected by whoever inherited it. */
function isOver(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform === "linux" && /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    return error instanceof Error && "code" in error && (error.code === "ESRCH" || error.code === "ENOENT");
  }
}

async function ended(pid: number): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (isOver(pid)) return;
    await sleep(25);
  }
  assert.fail(`process ${pid} lives on`);
}

withModel(
  "a program that does not close the engine ends, and nothing but its own output shows",
  async ({ cache }) => {
    const { code, stdout, stderr } = await run(cache, ANSWER);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^Hello/);
  },
);

withModel("what was started in advance is taken up, and what was not is let go", async ({ cache }) => {
  const taken = await run(cache, `if (!prewarm({ cache })) throw new Error("not started");\n${ANSWER}`);
  assert.deepEqual([taken.code, taken.stderr], [0, ""]);
  assert.match(taken.stdout, /^Hello/);
  const left = await run(cache, "prewarm({ cache });");
  assert.deepEqual([left.code, left.stderr], [0, ""]);
});

withModel("the options of a test runner or debugger are not handed on", async ({ cache }) => {
  process.env["NODE_OPTIONS"] = "--require=./not-there.cjs";
  const { code, stderr } = await run(cache, "").finally(() => delete process.env["NODE_OPTIONS"]);
  assert.notEqual(code, 0, "the program itself does read them");
  assert.match(stderr, /not-there/);
  const own = await run(cache, `process.env.NODE_OPTIONS = "--require=./not-there.cjs";\n${ANSWER}`);
  assert.match(own.stdout, /^Hello/);
});

withModel("the child process ends with a parent that was killed, busy or idle", async ({ cache }) => {
  const busy = "for await (const _ of engine.complete(endless, never)) console.log(engine.pid);";
  const idle =
    'await engine.countTokens("pocket", "x");\nconsole.log(engine.pid);\nsetInterval(() => {}, 1000);';
  for (const script of [busy, idle]) {
    const { stdout, stderr } = await run(cache, script, true);
    const pid = Number(/^\d+$/m.exec(stdout)?.[0]);
    assert.ok(pid > 0, stdout + stderr);
    await ended(pid);
  }
});

withModel("a busy child ends with a parent that exits", async ({ cache }) => {
  const script =
    'for await (const event of engine.complete(endless, never)) {\n  if (event.type === "text") { console.log(engine.pid); process.exit(3); }\n}';
  const { code, stdout } = await run(cache, script);
  assert.equal(code, 3);
  await ended(Number(stdout));
});

withModel("close ends the child at once, and the next request starts another", async ({ engine }) => {
  await complete(engine, { prompt: ask("Hello") });
  const { pid } = engine;
  await engine.close();
  assert.equal(engine.pid, undefined);
  await ended(pid ?? 0);
  assert.equal((await complete(engine, { prompt: ask("Hello") })).reason, "stop");
});

withModel("an idle process that died is replaced without a word", async ({ engine }) => {
  await complete(engine, { prompt: ask("Hello") });
  const { pid } = engine;
  process.kill(pid ?? 0, "SIGKILL");
  while (engine.pid !== undefined) await sleep(10);
  assert.equal((await complete(engine, { prompt: ask("Hello") })).reason, "stop");
  assert.notEqual(engine.pid, pid);
});

withModel(
  "requests at once are answered in order, and those behind are told their place",
  async ({ engine }) => {
    await complete(engine, { prompt: ask("Hello"), sampling: { maxTokens: 1 } });
    const answers = await Promise.all([1, 2, 3].map(() => complete(engine, { prompt: ask("Hello") })));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    const places = answers.map(({ events }) => (events[0]?.type === "wait" ? events[0].position : undefined));
    assert.deepEqual(places, [undefined, 1, 2]);
    assert.equal(answers[1]?.events[1]?.type, "wait.end");
  },
);

withModel("tokens are counted while an answer is written", async ({ engine }) => {
  let counted = 0;
  for await (const event of engine.complete(
    { model: "pocket", prompt: ask("x"), sampling: {}, grammar: ENDLESS },
    never,
  )) {
    if (event.type !== "text") continue;
    counted = await engine.countTokens("pocket", "<|im_start|>user");
    break;
  }
  assert.equal(counted, 2);
});

withModel("who leaves while waiting does not hold up those behind", async ({ engine }) => {
  const first = complete(engine, { prompt: ask("Hello") });
  for await (const event of engine.complete({ model: "pocket", prompt: ask("x"), sampling: {} }, never)) {
    assert.equal(event.type, "wait");
    break;
  }
  const leaving = new AbortController();
  const second = complete(engine, { prompt: ask("x") }, leaving.signal);
  const third = complete(engine, { prompt: ask("Hello") });
  leaving.abort(new Error("left"));
  await assert.rejects(second, /left/);
  assert.equal((await third).text, (await first).text);
});

withModel("closing while an answer is written ends it as a failure", async ({ engine }) => {
  const run = async () => {
    for await (const event of engine.complete(
      { model: "pocket", prompt: ask("x"), sampling: {}, grammar: ENDLESS },
      never,
    )) {
      if (event.type === "text") void engine.close();
    }
  };
  await assert.rejects(run(), EngineFailedError);
});
