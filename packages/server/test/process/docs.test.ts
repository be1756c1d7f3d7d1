import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { skip, startService } from "./support.ts";
import { turns } from "./turns.ts";

const text = readFileSync(new URL("../../../../docs/wires.md", import.meta.url), "utf8");
const lines = text.split("\n").filter((line) => line.startsWith("curl "));
const noCurl = spawnSync("curl", ["--version"]).status === 0 ? false : "curl is not there";

describe("the curl lines of docs/wires.md", { skip: skip || noCurl }, () => {
  test("each is answered as it says", async () => {
    await using service = await startService(turns);
    assert.ok(lines.length >= 9);
    for (const line of lines) {
      const command = `${line.replaceAll("http://127.0.0.1:4141", service.url).replaceAll("qwen3:8b", "mock")} --fail-with-body`;
      const said = await new Promise<string>((resolve, reject) => {
        const env = { ...process.env, TOKEN: service.token };
        execFile("sh", ["-c", command], { env, timeout: 20_000 }, (error, stdout) =>
          error === null ? resolve(stdout) : reject(new Error(`${line}\n${stdout}`)),
        );
      });
      assert.ok(said.length > 0, line);
    }
  });
});
