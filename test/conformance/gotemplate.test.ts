import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { execute } from "../../packages/hearth/src/formats/gotemplate/execute.ts";
import { GoTemplateError, parseGoTemplate } from "../../packages/hearth/src/formats/gotemplate/index.ts";
import type { GoValue } from "../../packages/hearth/src/formats/gotemplate/values.ts";

interface Recorded {
  data: GoValue;
  rows: { template: string; text?: string; error?: true }[];
}

test("templates execute as Go's text/template does in each recorded case", () => {
  const { data, rows } = JSON.parse(
    readFileSync(new URL("go-cases.json", import.meta.url), "utf8"),
  ) as Recorded;
  for (const { template, text, error } of rows) {
    const run = (): string => execute(parseGoTemplate(template), data);
    if (error) assert.throws(run, GoTemplateError, template);
    else assert.equal(run(), text, template);
  }
});
