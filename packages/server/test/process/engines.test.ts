import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Engine, end, type Server, skip, startEngine, startServer } from "./support.ts";

let first: Engine;
let second: Engine;
let server: Server;
let home: string;

before(async () => {
  if (skip !== false) return;
  home = realpathSync(mkdtempSync(join(tmpdir(), "hearth-engines-")));
  first = await startEngine(() => ({ text: "the first" }), { model: "alpha" });
  second = await startEngine(() => ({ text: "the second" }), { model: "beta" });
  const engines = [
    "--engine",
    first.url,
    "--wire",
    "ollama",
    "--model",
    "alpha",
    "--also-engine",
    second.url,
  ];
  server = await startServer(
    [...engines, "--fallback", "beta", "--workspace", home, "--journal", "none"],
    home,
  );
});

after(async () => {
  if (skip !== false) return;
  await end(server.child, "SIGTERM");
  await Promise.all([first.close(), second.close()]);
  rmSync(home, { recursive: true, force: true });
});

async function ask(model: string): Promise<string> {
  const reply = await fetch(`${server.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Who are you?" }] }),
  });
  const text = await reply.text();
  return reply.ok ? JSON.parse(text).choices[0].message.content : text;
}

test("a model is answered by the engine that has it; a model of an engine that is gone by its stand-in", {
  skip,
}, async () => {
  const { data } = (await (await fetch(`${server.url}/v1/models`)).json()) as { data: { id: string }[] };
  assert.deepEqual(
    data.map(({ id }) => id).filter((id) => !id.startsWith("agent:")),
    ["alpha:latest", "beta:latest"],
  );
  assert.equal(await ask("alpha"), "the first");
  assert.equal(await ask("beta"), "the second");
  await first.close();
  assert.equal(await ask("alpha"), "the second");
  assert.equal(second.chats.at(-1)?.body.model, "beta");
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
});
