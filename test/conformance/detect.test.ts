import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { detect } from "../../packages/hearth/src/formats/detect/index.ts";
import { noTemplateData, readTemplateData } from "./template-data.ts";

/** Checked by hand against each template's text; `fallback`: the template knows nothing of tools. */
type Expected = Record<string, { format: string; how?: "fallback" }>;

test("each recorded template is recognised as the format it was made for", { skip: noTemplateData }, () => {
  const expected = JSON.parse(readFileSync(new URL("templates.json", import.meta.url), "utf8")) as Expected;
  const { templates } = readTemplateData();
  assert.deepEqual(
    templates.map(({ file }) => file),
    Object.keys(expected),
  );
  for (const { file, text } of templates) {
    const found = detect(text);
    assert.equal(found.format, expected[file]!.format, file);
    assert.equal(found.how === "fallback", expected[file]!.how === "fallback", file);
  }
});
