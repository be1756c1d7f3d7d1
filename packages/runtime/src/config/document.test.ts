import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseEnv } from "node:util";
import { envTemplate, settingsTable } from "./document.ts";
import { dotenvFault } from "./dotenv.ts";
import { SETTING_KEYS } from "./table.ts";

const root = new URL("../../../../", import.meta.url);

test(".env.template is what the table of settings says (hearth config --template)", () => {
  assert.equal(readFileSync(new URL(".env.template", root), "utf8"), envTemplate());
});

test("docs/settings.md holds the table of settings (hearth config --markdown)", () => {
  assert.ok(readFileSync(new URL("docs/settings.md", root), "utf8").includes(settingsTable()));
});

test("the template is a .env that sets nothing until a line is uncommented", () => {
  assert.deepEqual({ ...parseEnv(envTemplate()) }, {});
  const opened = envTemplate().replace(/^# (?=HEARTH_)/gm, "");
  assert.equal(dotenvFault(opened), undefined);
  assert.equal(Object.keys(parseEnv(opened)).length, SETTING_KEYS.length);
});
