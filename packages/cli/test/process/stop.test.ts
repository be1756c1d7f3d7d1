/** The emergency stop from another process, of what does not want to end. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { against, eventsOf, folderWith, hearth, mockEngine, noMock, start } from "./support.ts";

const noSandbox = existsSync("/usr/bin/bwrap") ? false : "bubblewrap is not here";
const skip = noMock || (process.platform === "linux" ? noSandbox : "the processes are looked up in /proc");

/** Processes that have this in their command line. */
function marked(mark: string): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return readFileSync(`/proc/${name}/cmdline`, "latin1").includes(mark) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 20_000; !holds(); ) {
    if (performance.now() > end) throw new Error("it did not come to pass");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Programs that want no SIGTERM, four in one answer. */
const stubborn = (mark: string) => ({
  calls: [1, 2, 3, 4].map((n) => ({
    name: "run_python",
    args: {
      code: `import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint("${mark} ${n}", flush=True)\ntime.sleep(100)`,
    },
  })),
});

test("hearth stop ends a run and its four programs that ignore SIGTERM within a second; none starts until it is lifted", {
  skip,
}, async (t) => {
  const mark = `mark-${randomBytes(8).toString("hex")}`;
  const [home, workspace] = [folderWith(), folderWith()];
  const mock = await mockEngine({ kind: "ollama", turns: [stubborn(mark), { text: "Done." }] });
  t.after(() => mock.close());
  const flags = [...against(mock, workspace), "--tools", "run_python,list_files"];
  const run = start(["run", "--json", ...flags, "Go."], { env: { HOME: home } });
  const shown = new Set<string>();
  await run.line((line) => {
    const said = /"call\.output".*"text":"(mark-\w+ \d)/.exec(line)?.[1];
    if (said !== undefined) shown.add(said);
    return shown.size === 4;
  });
  assert.ok(marked(mark).length >= 4);
  const stopping = start(["stop", "--json", "test"], { env: { HOME: home } });
  const pulled = join(home, ".local/state/hearth/stop/pulled.json");
  await until(() => existsSync(pulled));
  const began = statSync(pulled).mtimeMs;
  await until(() => marked(mark).length === 0);
  const ms = Date.now() - began;
  assert.ok(ms < 1000, `${ms} ms`);
  const ended = await run.done;
  assert.equal(ended.code, 130, ended.stderr);
  const { stopped } = JSON.parse((await stopping.done).stdout);
  assert.deepEqual(stopped, [{ pid: run.child.pid, command: "run", how: "stopped" }]);

  const again = await mockEngine({
    kind: "ollama",
    turns: [{ calls: [{ name: "list_files", args: { path: "." } }] }, { text: "Nothing ran." }],
  });
  t.after(() => again.close());
  const refused = await hearth(["run", "--json", ...against(again, workspace), "List."], {
    env: { HOME: home },
  });
  const result = eventsOf(refused).find((event) => event.type === "call.finished");
  assert.ok(result?.type === "call.finished" && !result.ok && /hearth stop --lift/.test(result.content));
  assert.equal((await hearth(["tools", "call", "list_files", "{}"], { env: { HOME: home } })).code, 3);
  assert.match((await hearth(["stop", "--lift"], { env: { HOME: home } })).stdout, /lifted/);
  assert.equal((await hearth(["tools", "call", "list_files", "{}"], { env: { HOME: home } })).code, 0);
});

test("a process that does not answer, because its thread is busy, is killed", { skip: noMock }, async (t) => {
  const [home, workspace] = [folderWith(), folderWith()];
  const module = join(
    folderWith({
      "busy.ts":
        "/** Works. */\nexport function work(): string { process.stderr.write('busy now\\n'); for (;;); }\n",
    }),
    "busy.ts",
  );
  const mock = await mockEngine({ kind: "ollama", turns: [{ calls: [{ name: "work", args: {} }] }] });
  t.after(() => mock.close());
  const run = start(
    ["run", ...against(mock, workspace), "--tool-module", module, "--approve", "auto", "Go."],
    {
      env: { HOME: home },
    },
  );
  await new Promise<void>((resolve) => {
    run.child.stderr?.on("data", (text: string) => {
      if (text.includes("busy now")) resolve();
    });
  });
  const stop = await hearth(["stop", "--json"], { env: { HOME: home } });
  assert.deepEqual(JSON.parse(stop.stdout).stopped, [{ pid: run.child.pid, command: "run", how: "killed" }]);
  await run.done;
});

test("SIGINT twice ends a run at once, with its programs", { skip }, async (t) => {
  const mark = `mark-${randomBytes(8).toString("hex")}`;
  const mock = await mockEngine({ kind: "ollama", turns: [stubborn(mark)] });
  t.after(() => mock.close());
  const run = start(["run", "--json", ...against(mock, folderWith()), "--tools", "run_python", "Go."]);
  await until(() => marked(`${mark} 4`).length > 0);
  run.child.kill("SIGINT");
  run.child.kill("SIGINT");
  const ended = await run.done;
  assert.equal(ended.code, 130);
  await until(() => marked(mark).length === 0);
});

test("hearth stop without a process says so; its status and a wrong use are told", async () => {
  const env = { HOME: folderWith() };
  assert.match((await hearth(["stop", "--status"], { env })).stdout, /No stop holds/);
  assert.match((await hearth(["stop", "too", "hot"], { env })).stdout, /No Hearth process runs/);
  assert.match((await hearth(["stop", "--status"], { env })).stdout, /Stopped since .*too hot/);
  assert.equal((await hearth(["stop", "--lift", "--status"], { env })).code, 2);
});
