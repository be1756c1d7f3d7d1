/** Commands on a journal in a database: what one process began, another lists, shows and goes on with. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Cluster, skip as noPostgres, PASSWORD, startCluster } from "../postgres/cluster.ts";
import { type Engine, skip, startEngine } from "./support.ts";

const MAIN = fileURLToPath(new URL("../../../cli/src/main.ts", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "hearth-command-"));

describe("commands on a journal in a database", { skip: skip || noPostgres }, () => {
  let cluster: Cluster;
  let engine: Engine;
  let url = "";
  before(async () => {
    cluster = await startCluster();
    url = cluster.database();
    engine = await startEngine(() => ({ text: "Five." }));
  });
  after(async () => {
    await engine?.close();
    await cluster?.[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  async function hearth(journal: string, ...args: string[]) {
    const [command = "", ...rest] = args;
    const all = ["--conditions=@hearth/source", MAIN, command, ...rest, "--journal", journal];
    const { PATH = "" } = process.env;
    const child = spawn(process.execPath, all, { cwd: home, env: { PATH, HOME: home }, stdio: "pipe" });
    let out = "";
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.stdin.end();
    const [code] = (await once(child, "close")) as [number];
    return { code, out, said };
  }

  test("a run is kept there, listed and shown, and no password stands in it", async () => {
    const model = ["--engine", engine.url, "--wire", "ollama", "--model", "mock", "--tools", "none"];
    const ran = await hearth(url, "run", ...model, "Two and three?");
    assert.equal(`${ran.out}${ran.code}`, "Five.\n0", ran.said);
    const listed = await hearth(url, "runs", "list", "--json");
    const { task, stopReason } = JSON.parse(listed.out.split("\n")[0] ?? "") as Record<string, unknown>;
    assert.deepEqual([task, stopReason], ["Two and three?", "answer"]);
    const shown = await hearth(url, "runs", "export", "last");
    assert.match(shown.out, /run\.finished/);
    assert.doesNotMatch(shown.out, new RegExp(PASSWORD));
  });

  test("what can't be opened ends with 2 or 1, the reason and the remedy, without the password", async () => {
    for (const [wrong, wanted, remedy] of [
      [url.replace(PASSWORD, "no-such-word"), 2, /PGPASSWORD/],
      [url.replace(/:\d+\//, ":9/"), 1, /PostgreSQL runs/],
    ] as const) {
      const { code, said } = await hearth(wrong, "runs", "list");
      assert.equal(code, wanted, said);
      assert.match(said, remedy);
      assert.doesNotMatch(said, /no-such-word|of-the-test/);
    }
  });
});
