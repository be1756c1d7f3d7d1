import assert from "node:assert/strict";
import { test } from "node:test";
import { TemplateError } from "../../packages/hearth/src/formats/templates/index.ts";
import { lostInPrompt } from "./round-trip.ts";
import { noTemplateData, readTemplateData } from "./template-data.ts";

/** It shows nothing but its audio parts, so a conversation of text can't be put into it at all. */
const REFUSED = "vllm--template_kimi_audio.jinja";

test("parse(render(calls)) = calls through each recorded template, and nothing else is lost", {
  skip: noTemplateData,
}, () => {
  for (const { file, text } of readTemplateData().templates) {
    if (file === REFUSED) assert.throws(() => lostInPrompt(text), TemplateError);
    else assert.deepEqual(lostInPrompt(text), [], file);
  }
});
