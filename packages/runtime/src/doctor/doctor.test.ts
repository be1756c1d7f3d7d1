import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadConfig } from "../config/index.ts";
import { CHECKS } from "./checks.ts";
import { examine, worst } from "./examine.ts";
import type { Examined, Finding } from "./types.ts";

const home = realpathSync(mkdtempSync(join(tmpdir(), "hearth-doctor-")));
after(() => rmSync(home, { recursive: true, force: true }));
const env = { HOME: home };

async function findings(id: string, more: Partial<Examined> = {}): Promise<Finding[]> {
  const check = CHECKS.find((one) => one.id === id);
  assert.ok(check);
  const config = loadConfig({ env, cwd: home });
  return check.look({ config, env, servers: [], nodeVersion: "24.21.0", platform: "linux-x64", ...more });
}

test("an old Node is a problem with a remedy", async () => {
  assert.equal((await findings("node"))[0]?.level, "ok");
  const [old] = await findings("node", { nodeVersion: "22.1.0" });
  assert.equal(old?.level, "problem");
  assert.match(old?.remedy ?? "", /Node 24/);
});

test("servers are named with their usable models, and what hinders them", async () => {
  const base = { wire: "ollama" as const, name: "ollama" as const, address: "http://127.0.0.1:11434" };
  const text = async (server: object): Promise<string> =>
    (await findings("engines", { servers: [{ ...base, models: [], ...server }] }))
      .map(({ level, text, remedy }) => `${level}: ${text} ${remedy ?? ""}`)
      .join("\n");
  const models = [
    { name: "a", capabilities: ["tools"] },
    { name: "b", capabilities: ["completion"] },
  ];
  assert.match(
    await text({ version: "0.33.0", models }),
    /ok: ollama 0\.33\.0 at .*: 1 of 2 models call tools: a/,
  );
  assert.match(await text({ version: "0.2.8", models }), /warning: ollama 0\.2\.8 .*older than 0\.3\.0/);
  assert.match(await text({ models: [] }), /warning: .*none of its 0 models.* ollama pull/);
  assert.match(await text({ problem: "it broke" }), /problem: .*it broke/);
  assert.match(await text({}), /note: nothing at .*1234/);
});

test("settings of the workspace that do not count are warned of", async () => {
  writeFileSync(join(home, ".env"), "HEARTH_APPROVE=auto\n");
  const found = await findings("settings");
  rmSync(join(home, ".env"));
  assert.ok(
    found.some(
      ({ level, text, remedy }) =>
        level === "warning" && /HEARTH_APPROVE/.test(text) && /trust/.test(remedy ?? ""),
    ),
  );
});

test("what would be used follows from settings and servers", async () => {
  const choice = async (servers: Examined["servers"]): Promise<string> =>
    (await findings("choice", { servers }))[0]?.text ?? "";
  assert.match(await choice([]), /embedded/);
  const server = {
    name: "vllm" as const,
    address: "http://127.0.0.1:8000",
    wire: "openai" as const,
    models: [{ name: "m" }],
  };
  assert.match(await choice([server]), /m on vllm/);
});

test("a check that fails is a finding, and the worst level counts", async () => {
  const config = loadConfig({ env, cwd: home });
  const reports = await examine({
    config,
    env,
    checks: [
      { id: "a", title: "A", look: () => [{ level: "note", text: "fine" }] },
      { id: "b", title: "B", look: () => Promise.reject(new Error("broken")) },
    ],
  });
  assert.match(reports[1]?.findings[0]?.text ?? "", /broken/);
  assert.equal(worst(reports), "problem");
  assert.equal(worst(reports.slice(0, 1)), "note");
  assert.equal(worst([]), "ok");
});
