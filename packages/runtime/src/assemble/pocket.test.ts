import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { allTools, selectTools } from "@hearth/tools";
import type { Effect, Tool } from "hearth";
import { loadConfig } from "../config/index.ts";
import { assemble } from "./assemble.ts";
import { entrusted, withheldLine } from "./pocket.ts";

const home = mkdtempSync(join(tmpdir(), "hearth-entrusted-"));
after(() => rmSync(home, { recursive: true, force: true }));

const configOf = (env: Record<string, string> = {}) => loadConfig({ env: { HOME: home, ...env }, cwd: home });
const tool = (name: string, effect: Effect): Tool => ({
  name,
  description: "",
  parameters: { type: "object" },
  effect,
  run: () => "",
});
const names = (tools: readonly Tool[]): string => tools.map(({ name }) => name).join(" ");
const DEFAULTS = "list_files disk_usage search_files read_file";

test("pocket gets what only looks, every other model what was chosen", () => {
  const all = selectTools("+edit,+web", { workspace: home });
  const brought = [tool("add", "once"), tool("look_up", "none"), tool("send_mail", "once")];
  const open = { tools: [...all, ...brought], served: brought.slice(1) };
  const cases: [model: string, env: Record<string, string>, offered: string][] = [
    ["pocket", {}, `${DEFAULTS} add look_up`],
    ["pocket", { HEARTH_POCKET_TOOLS: "look" }, `${DEFAULTS} add look_up`],
    ["pocket", { HEARTH_POCKET_TOOLS: "all" }, names(open.tools)],
    ["qwen3:8b", {}, names(open.tools)],
  ];
  for (const [model, env, offered] of cases) {
    const found = entrusted(configOf(env), model, open);
    assert.equal(names(found.offered), offered, model);
    assert.equal(found.offered.length + found.withheld.length, open.tools.length);
  }
});

test("of Hearth's own tools pocket gets no other than the four that look at files", () => {
  const open = { tools: allTools({ workspace: home }), served: [] };
  assert.equal(names(entrusted(configOf(), "pocket", open).offered), DEFAULTS);
});

test("what is not offered is named, with the better model that this machine can hold, and the way round", () => {
  assert.deepEqual(withheldLine([]), []);
  const [one = ""] = withheldLine([tool("write_file", "once")]);
  assert.match(one, /so write_file is not offered/);
  assert.match(one, /hearth (pull \S+|models --guide)`.*--pocket-tools all\.$/);
  const [many = ""] = withheldLine("abcdef".split("").map((name) => tool(name, "once")));
  assert.match(many, /so a, b, c, 3 more are not offered/);
});

test("a run with pocket is wired so, and says so once", async () => {
  const module = join(home, "own.ts");
  writeFileSync(
    module,
    "/** Add. @param a one @param b two */\nexport function add(a: number, b: number) { return a + b; }\n",
  );
  const env = {
    HEARTH_ENGINE: "embedded",
    HEARTH_JOURNAL: "none",
    HEARTH_TOOLS: "+edit",
    HEARTH_TOOL_MODULE: module,
  };
  for (const [more, offered, lines] of [
    [{}, `${DEFAULTS} add`, 1],
    [{ HEARTH_POCKET_TOOLS: "all" }, `${DEFAULTS} write_file edit_file move delete add`, 0],
  ] as const) {
    const parts = await assemble(configOf({ ...env, ...more }));
    try {
      assert.equal(names(parts.options.tools), offered);
      assert.equal(parts.notices.filter((line) => line.includes("too small")).length, lines);
    } finally {
      await parts.close();
    }
  }
});

test("a file of the workspace can't widen what pocket is offered", () => {
  writeFileSync(join(home, ".env"), "HEARTH_POCKET_TOOLS=all\n");
  try {
    assert.equal(loadConfig({ env: { HOME: join(home, "me") }, cwd: home }).settings.pocketTools, "look");
  } finally {
    rmSync(join(home, ".env"));
  }
});
