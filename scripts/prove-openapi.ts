/**
 * `npm run prove:openapi [-- EXAMPLES]`: whether `/openapi.json` is true. Schemathesis asks every route of a real `hearth serve` by its
 * description, with what the schemas allow and what they don't: no fault of the server, no status, type or body that is not described,
 * nothing accepted that is described as wrong. It gets an environment of its own; without PyPI the proof fails and says so.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { skip, startService } from "../packages/server/test/process/support.ts";

const SCHEMATHESIS = "schemathesis==4.32.5";
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
  "negative_data_rejection",
];
const [examples = "20"] = process.argv.slice(2);

if (skip !== false) {
  console.log(`skipped: ${skip}`);
  process.exit(1);
}

/** What a program says to its end; the engine of the tests, in this process, answers meanwhile. */
function output(program: string, args: string[]): Promise<{ ok: boolean; text: string }> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { encoding: "utf8", timeout: 900_000, maxBuffer: 2 ** 26, cwd: folder },
      (error, stdout, stderr) => resolve({ ok: error === null, text: stdout + stderr }),
    );
  });
}

const folder = mkdtempSync(join(tmpdir(), "hearth-openapi-"));
try {
  const venv = join(folder, "venv");
  for (const [program, args] of [
    ["python3", ["-m", "venv", venv]],
    [join(venv, "bin/python"), ["-m", "pip", "install", "-q", SCHEMATHESIS]],
  ] as const) {
    const { ok, text } = await output(program, [...args]);
    if (!ok) throw new Error(`${SCHEMATHESIS} can't be installed: ${text.trim()}`);
  }
  await using service = await startService(() => ({ text: "Done." }), {
    args: ["--max-steps", "2", "--parallel", "8"],
  });
  const { text } = await output(join(venv, "bin/st"), [
    "run",
    `${service.url}/openapi.json`,
    ...["--header", `Authorization: Bearer ${service.token}`],
    ...["--phases", "examples,coverage,fuzzing", "--max-examples", examples, "--seed", "1"],
    // It would stop all that follows.
    ...[
      "--exclude-path",
      "/agent/stop",
      "--checks",
      CHECKS.join(","),
      "--request-timeout",
      "20",
      "--no-color",
    ],
  ]);
  const cases = /(\d+) generated(?:, (\d+) found (\d+) unique failures)?/.exec(text);
  const operations = /Tested: (\d+)/.exec(text)?.[1];
  if (cases === null || operations === undefined)
    throw new Error(`Schemathesis did not run:\n${text.slice(-3000)}`);
  const failures = Number(cases[3] ?? 0);
  if (failures > 0) console.log(text.slice(text.indexOf("FAILURES"), text.indexOf("WARNINGS")));
  console.log(`${operations} routes, ${cases[1]} requests by their description, ${failures} failures`);
  process.exitCode = failures === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
