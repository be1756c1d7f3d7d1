import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { explain, runSettings } from "./explain.ts";
import { loadConfig } from "./load.ts";

const home = realpathSync(mkdtempSync(join(tmpdir(), "hearth-journal-setting-")));
after(() => rmSync(home, { recursive: true, force: true }));
const URL_WITH_PASSWORD = "postgres://u:its-password@db.example/runs";
const journalOf = (env: Record<string, string>, cwd = home) =>
  loadConfig({ env: { HOME: home, ...env }, cwd });

test("a journal is a path from the folder, a database, or none", () => {
  for (const [given, taken] of [
    ["runs.sqlite", join(home, "runs.sqlite")],
    ["none", "none"],
    [URL_WITH_PASSWORD, URL_WITH_PASSWORD],
    ["postgresql:///runs?host=/run", "postgresql:///runs?host=/run"],
  ] as const)
    assert.equal(journalOf({ HEARTH_JOURNAL: given }).settings.journal, taken);
});

test("its password is neither shown nor kept in runs", () => {
  const config = journalOf({ HEARTH_JOURNAL: URL_WITH_PASSWORD });
  assert.doesNotMatch(JSON.stringify([explain(config), runSettings(config)]), /its-password/);
});

test("a file of the workspace may not send runs to a database", () => {
  const workspace = join(home, "cloned");
  mkdirSync(workspace);
  writeFileSync(
    join(workspace, ".env"),
    `HEARTH_JOURNAL=${URL_WITH_PASSWORD}\nHEARTH_WORKER_HOST=evil.example\n`,
  );
  const { settings, ignored } = journalOf({}, workspace);
  assert.equal(settings.journal, undefined);
  assert.equal(settings.workerHost, "127.0.0.1");
  assert.deepEqual(ignored.map(({ name }) => name).sort(), ["HEARTH_JOURNAL", "HEARTH_WORKER_HOST"]);
});
