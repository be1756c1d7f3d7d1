import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { verifyAudit } from "@hearth/tools";
import { folderWith, hearth } from "./support.ts";

describe("keys: what is wrong ends with code 2, says what to do, and makes none", () => {
  const home = folderWith();
  const cases: [name: string, args: string[], said: RegExp, stdin?: string][] = [
    ["no action", ["keys"], /create, list, revoke/],
    ["an unknown action", ["keys", "delete"], /no action delete/],
    ["an unknown scope", ["keys", "create", "--scope", "models,root"], /no scope "root".*admin/s],
    ["a time without a unit", ["keys", "create", "--expires", "30"], /30d/],
    ["a rate in words", ["keys", "create", "--rate", "fast"], /whole number/],
    ["a word too many", ["keys", "create", "phone"], /takes no "phone"/],
    ["a tenant with a slash", ["keys", "create", "--tenant", "../x"], /can't name a tenant/],
    ["a weak key", ["keys", "create", "--import"], /too weak/, "sk-1234\n"],
    ["nothing on stdin", ["keys", "create", "--import"], /too weak/, ""],
    ["revoke without an id", ["keys", "revoke"], /takes one key/],
    ["revoke one that is not there", ["keys", "revoke", "0123456789ab"], /no key 0123456789ab/],
    ["revoke by too little", ["keys", "revoke", "a"], /no key a/],
    ["an unknown flag", ["keys", "create", "--scopes", "models"], /nearest is --scope/],
  ];
  for (const [name, args, said, stdin] of cases)
    test(name, async () => {
      const ended = await hearth(args, { env: { HOME: home }, ...(stdin === undefined ? {} : { stdin }) });
      assert.equal(ended.code, 2, ended.stderr);
      assert.match(ended.stderr, said);
      assert.equal(ended.stdout, "");
    });
  test("none of them made one", async () => {
    assert.equal((await hearth(["keys", "list", "--json"], { env: { HOME: home } })).stdout, "");
  });
});

test("a key is shown once on stdout, listed without its secret, revoked by its id or itself", async () => {
  const home = folderWith();
  const env = { HOME: home };
  const flags = [
    "--name",
    "phone",
    "--tenant",
    "blue",
    "--scope",
    "models",
    "--scope",
    "agents",
    "--expires",
    "30d",
  ];
  const made = await hearth(["keys", "create", ...flags, "--model", "a", "--model", "b,c"], { env });
  assert.equal(made.code, 0, made.stderr);
  const key = made.stdout.trim();
  assert.match(key, /^hearth_[0-9a-f]{12}_[\w-]{43}$/);
  assert.doesNotMatch(made.stderr, new RegExp(key.slice(20)));
  const second = await hearth(["keys", "create", "--json", "--expires", "never", "--rate", "60"], { env });
  const { key: other, id, scopes, tenant, ratePerMinute } = JSON.parse(second.stdout);
  assert.deepEqual([scopes, tenant, ratePerMinute], [["models", "agents", "tools"], "local", 60]);

  const listed = await hearth(["keys", "list", "--json"], { env });
  const rows = listed.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    rows.map(({ name, tenant: whose, state, models }) => [name, whose, state, models]),
    [
      ["phone", "blue", "valid", ["a", "b", "c"]],
      ["", "local", "valid", undefined],
    ],
  );
  assert.doesNotMatch(listed.stdout, /hash/);

  assert.equal((await hearth(["keys", "revoke", key], { env })).code, 0);
  assert.equal((await hearth(["keys", "revoke", id.slice(0, 6)], { env })).code, 0);
  const after = await hearth(["keys", "list"], { env });
  assert.equal(after.stdout.match(/revoked/g)?.length, 2);

  const state = join(home, ".local/state/hearth");
  const kept =
    readFileSync(join(state, "keys.json"), "utf8") + readFileSync(join(state, "audit.jsonl"), "utf8");
  for (const secret of [key, other]) assert.ok(!kept.includes(secret.slice(20)));
  const chain = verifyAudit(join(state, "audit.jsonl"));
  assert.equal(chain.ok && chain.entries, 4);
});

test("a key that is brought along is kept by its hash and not printed; twice is refused", async () => {
  const env = { HOME: folderWith() };
  const stdin = "q8mGZr0X1vQd7sJkW2nTfB5yLhC9pEaU\n";
  const made = await hearth(["keys", "create", "--import", "--json"], { env, stdin });
  assert.equal(made.code, 0, made.stderr);
  assert.ok(!("key" in JSON.parse(made.stdout)) && !made.stdout.includes("q8mGZ"));
  const again = await hearth(["keys", "create", "--import"], { env, stdin });
  assert.equal(again.code, 2);
  assert.match(again.stderr, /there already/);
});

test("HEARTH_KEYS_FILE names another file; a workspace's own files can't", async () => {
  const home = folderWith();
  const mine = join(home, "keys", "mine.json");
  const env = { HOME: home, HEARTH_KEYS_FILE: mine };
  assert.equal((await hearth(["keys", "create"], { env })).code, 0);
  assert.ok(existsSync(mine));
  const workspace = folderWith({
    ".env": "HEARTH_KEYS_FILE=./theirs.json\nHEARTH_ALLOW_ORIGIN=https://evil.example",
  });
  const ended = await hearth(["keys", "create"], { env: { HOME: home }, cwd: workspace });
  assert.equal(ended.code, 0);
  assert.match(ended.stderr, /ignored HEARTH_KEYS_FILE/);
  assert.match(ended.stderr, /ignored HEARTH_ALLOW_ORIGIN/);
  assert.ok(!existsSync(join(workspace, "theirs.json")));
});
