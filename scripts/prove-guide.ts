/** Runs the tests of the original guide's defects and prints each by name, with the count. */
import { run } from "node:test";

let passed = 0;
let failed = 0;
let skipped = 0;
const stream = run({ files: ["packages/hearth/test/guide/guide.test.ts"], isolation: "none" });
stream.on("test:pass", ({ name, skip }) => {
  if (skip !== undefined) skipped++;
  else passed++;
  console.log(`${skip === undefined ? "ok  " : "skip"} ${name}`);
});
stream.on("test:fail", ({ name, details }) => {
  failed++;
  console.log(`FAIL ${name}: ${details.error.message}`);
});
for await (const _ of stream);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
