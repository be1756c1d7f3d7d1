import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readJson, renderRow } from "../../packages/hearth/src/formats/templates/index.ts";
import { compareRendering, noTemplateData, readTemplateData } from "./template-data.ts";

interface Case {
  template: string;
  text?: string;
  error?: string;
}

test("the language behaves as Jinja2 3.1.6 on CPython in each recorded case", () => {
  const source = readFileSync(new URL("jinja-cases.json", import.meta.url), "utf8");
  const recorded = JSON.parse(source) as { variables: string; clock: string; rows: Case[] };
  readJson(recorded.variables);
  for (const { template, text, error } of recorded.rows) {
    const { clock } = recorded;
    const row = `{"id":0,"clock":${JSON.stringify(clock)},"templateText":${JSON.stringify(template)},"variables":${recorded.variables}}`;
    const got = renderRow(row);
    if (error === undefined) assert.deepEqual(got, { id: 0, text }, template);
    else assert.ok("error" in got, `${template}\nPython: ${error}\nhere: ${JSON.stringify(got)}`);
  }
});

test("109 recorded templates in 7 conversations are equal to Python's rendering, refusals included", {
  skip: noTemplateData,
}, () => {
  const report = compareRendering(readTemplateData());
  assert.deepEqual(report.faults.slice(0, 5), []);
  assert.equal(report.templates, 109);
  assert.equal(report.equal + report.bothRefuse, 763);
});
