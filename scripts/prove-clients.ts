/**
 * `npm run prove:clients [-- --python]`: unmodified clients of every wire against a real `hearth serve`, counted, and how soon the engine is let go
 * when a client leaves. The Python clients get an environment of their own, made anew each time; without PyPI they are skipped, and it is said.
 */
import { execFile } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { type Service, skip, startService, until } from "../packages/server/test/process/support.ts";
import { turns } from "../packages/server/test/process/turns.ts";

/** What the clients came to when this was written; `pip` is told exactly these. */
const PYTHON = ["openai==3.52.0", "ollama==0.6.3"];
/** How soon the engine must be let go. */
const BOUND_MS = 50;
const LEAVES = 20;

const asked = [{ role: "user", content: "Go on for ever." }];
const LEAVING: readonly (readonly [path: string, body: object])[] = [
  ["/v1/chat/completions", { messages: asked }],
  ["/v1/responses", { input: "Go on for ever." }],
  ["/v1/messages", { messages: asked, max_tokens: 9999 }],
  ["/api/chat", { messages: asked }],
  ["/api/generate", { prompt: "Go on for ever." }],
  ["/v1/chat/completions", { model: "agent:hearth", messages: asked }],
];

/** CI: `npm test` runs the clients of npm by itself, and times are none of its business. */
const pythonOnly = process.argv.includes("--python");
if (skip !== false) {
  console.log(`skipped: ${skip}`);
  // A clone without the shared data skips, as its tests do; a proof of nothing is none.
  process.exit(pythonOnly ? 0 : 1);
}
const counts = { passed: 0, failed: 0 };
const files = pythonOnly ? [] : globSync("packages/server/test/process/*.test.ts").sort();
if (files.length > 0) {
  const stream = run({ files, execArgv: ["--conditions=@hearth/source"], concurrency: 1, timeout: 120_000 });
  stream.on("test:pass", ({ name, nesting }) => count(nesting, `ok   ${name}`, true));
  stream.on("test:fail", ({ name, nesting, details }) =>
    count(nesting, `FAIL ${name}: ${details.error.message}`, false),
  );
  for await (const _ of stream);
}

await using service = await startService(turns, { args: ["--approve", "auto", "--parallel", "8"] });
await python(service);
if (!pythonOnly) for (const [path, body] of LEAVING) await leaves(service, path, body);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;

function count(nesting: number, line: string, ok: boolean): void {
  if (nesting === 0) return;
  say(line, ok);
}

function say(line: string, ok: boolean): void {
  counts[ok ? "passed" : "failed"]++;
  console.log(line);
}

async function python({ url }: Service): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "hearth-clients-"));
  try {
    const program = join(folder, "bin/python");
    const made = await output("python3", ["-m", "venv", folder]);
    const got = made.ok ? await output(program, ["-m", "pip", "install", "-q", ...PYTHON]) : made;
    if (!got.ok) {
      console.log(`skipped: the Python clients can't be installed: ${got.text.trim()}`);
      return;
    }
    const { text } = await output(program, ["packages/server/test/python/clients.py", url]);
    const lines = text.split("\n").filter((line) => /^(ok|FAIL) /.test(line));
    for (const line of lines) say(`${line} (Python)`, line.startsWith("ok"));
    if (lines.length === 0) say(`FAIL the Python clients: ${text}`, false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a program says to its end; the engine of the tests, in this process, answers meanwhile. */
function output(program: string, args: string[]): Promise<{ ok: boolean; text: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { encoding: "utf8", timeout: 120_000 }, (error, stdout, stderr) =>
      resolve({ ok: error === null, text: stdout + stderr }),
    );
  });
}

/** Leaves in the middle of an answer, streamed and whole, and looks when the engine's connection was closed. */
async function leaves({ url, engine }: Service, path: string, body: object): Promise<void> {
  for (const stream of [true, false]) {
    const times: number[] = [];
    for (let i = 0; i < LEAVES; i++) {
      const before = engine.chats.length;
      const leave = new AbortController();
      const asking = fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "mock", stream, ...body }),
        signal: leave.signal,
      })
        .then((reply) => reply.text())
        .catch(() => undefined);
      await until(() => engine.chats.length > before);
      await new Promise((resolve) => setTimeout(resolve, 40));
      const left = Date.now();
      leave.abort();
      await asking;
      const chat = engine.chats[before];
      await until(() => chat?.closedAbs !== undefined);
      times.push((chat?.closedAbs ?? 0) - left);
    }
    times.sort((a, b) => a - b);
    const worst = times.at(-1) ?? Number.NaN;
    const line = `${path} ${stream ? "streamed" : "whole"}: left ${LEAVES} times, the engine was let go after ${times[LEAVES / 2]} ms (median), ${worst} ms (worst)`;
    say(`${worst <= BOUND_MS ? "ok  " : "FAIL"} ${line}`, worst <= BOUND_MS);
  }
}
