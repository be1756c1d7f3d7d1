import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Tool } from "hearth";
import { call, tempFolder } from "../../test/helpers.ts";
import { AuditError, AuditLog, auditTools, fileAuditor, redact, verifyAudit } from "./index.ts";

const linesOf = (file: string) => readFileSync(file, "utf8").trimEnd().split("\n");

test("entries make a chain, from several writers at once, and the check counts them", async () => {
  using dir = tempFolder();
  const file = join(dir.path, "deep/audit.jsonl");
  assert.deepEqual(verifyAudit(file), { ok: true, entries: 0, noted: false });
  const logs = [new AuditLog(file), new AuditLog(file), new AuditLog(file)];
  await Promise.all(
    Array.from({ length: 30 }, (_, at) =>
      logs[at % 3]!.append({ what: "test", at, long: "x".repeat(at * 200) }),
    ),
  );
  assert.deepEqual(verifyAudit(file), { ok: true, entries: 30, noted: true });
  assert.deepEqual(readdirSync(join(dir.path, "deep")).sort(), ["audit.jsonl", "audit.jsonl.head"]);
});

test("a lock that a dead process left is taken away, a living one's is waited for", async () => {
  using dir = tempFolder();
  const file = join(dir.path, "audit.jsonl");
  const log = new AuditLog(file);
  const old = new Date(Date.now() - 5000);
  writeFileSync(`${file}.lock`, "999999999\n");
  utimesSync(`${file}.lock`, old, old);
  await log.append({ at: 1 });
  writeFileSync(`${file}.lock`, `${process.pid}\n`);
  setTimeout(() => rmSync(`${file}.lock`), 50);
  await log.append({ at: 2 });
  assert.deepEqual(verifyAudit(file), { ok: true, entries: 2, noted: true });
});

test("half a line is dropped and that is said; an end that was cut off stays to be seen", async () => {
  using dir = tempFolder();
  const file = join(dir.path, "audit.jsonl");
  const log = new AuditLog(file);
  await log.append({ at: 1 });
  appendFileSync(file, '{"seq":2,"what":"ca');
  assert.equal(verifyAudit(file).ok, false);
  await log.append({ at: 2 });
  assert.deepEqual(verifyAudit(file), { ok: true, entries: 3, noted: true });
  assert.match(linesOf(file)[1] ?? "", /"what":"recovered","droppedBytes":19/);
  writeFileSync(file, `${linesOf(file)[0]}\n`);
  await log.append({ at: 3 });
  const check = verifyAudit(file);
  assert.ok(!check.ok && /entry 2 is missing/.test(check.why));
});

test("a process that dies between a line and the note of it leaves nothing wrong; a note of another's is found", async () => {
  using dir = tempFolder();
  const file = join(dir.path, "audit.jsonl");
  const log = new AuditLog(file);
  await log.append({ at: 1 });
  const head = readFileSync(`${file}.head`);
  await log.append({ at: 2 });
  writeFileSync(`${file}.head`, head);
  assert.deepEqual(verifyAudit(file), { ok: true, entries: 2, noted: true });
  for (const other of ["", "{}", '{"seq":2,"hash":"00"}']) {
    writeFileSync(`${file}.head`, other);
    assert.equal(verifyAudit(file).ok, false, other);
  }
  rmSync(`${file}.head`);
  assert.deepEqual(verifyAudit(file), { ok: true, entries: 2, noted: false });
});

test("a disk that is full leaves no half line, and says so", { skip: !existsSync("/dev/full") }, async () => {
  using dir = tempFolder({ "audit.jsonl": "-> /dev/full" });
  await assert.rejects(new AuditLog(join(dir.path, "audit.jsonl")).append({ at: 1 }), (error) => {
    assert.ok(error instanceof AuditError);
    assert.match(`${error.message} ${error.remedy}`, /ENOSPC.*Free space/);
    return true;
  });
});

test("any change to the file is found: an entry altered, removed, inserted, swapped, cut off, or the whole file gone", async () => {
  using dir = tempFolder();
  const file = join(dir.path, "audit.jsonl");
  const log = new AuditLog(file);
  for (let at = 0; at < 5; at++) await log.append({ at });
  const lines = linesOf(file);
  const changes: [string, string[]][] = [
    ["altered", lines.with(2, lines[2]!.replace('"at":2', '"at":7'))],
    ["removed", lines.toSpliced(2, 1)],
    ["inserted", lines.toSpliced(2, 0, lines[1]!)],
    ["swapped", lines.with(1, lines[2]!).with(2, lines[1]!)],
    ["first removed", lines.slice(1)],
    ["cut off", lines.slice(0, 3)],
    ["torn", lines.with(4, lines[4]!.slice(0, 20))],
  ];
  for (const [name, changed] of changes) {
    writeFileSync(file, `${changed.join("\n")}\n`);
    const check = verifyAudit(file);
    assert.equal(check.ok, false, name);
    assert.ok(!check.ok && check.line >= 1 && check.why.length > 5, name);
  }
  rmSync(file);
  assert.equal(verifyAudit(file).ok, false);
});

test("each call is written before it runs and after, without secrets, with the sandbox and the exit code", async () => {
  using dir = tempFolder();
  const file = join(dir.path, "audit.jsonl");
  const seen: number[] = [];
  const tool: Tool = {
    name: "probe",
    description: "",
    parameters: {},
    effect: "none",
    run: (args) => {
      seen.push(linesOf(file).length);
      if (args["fail"] === true) throw new Error("failed with sk-abcdefghijklmnop1234");
      return { content: "secret output", details: { sandbox: "L1 bubblewrap (enforced)", exitCode: 0 } };
    },
  };
  const tools = auditTools([tool], fileAuditor(new AuditLog(file), "ann"), { by: "rule probe" });
  await call(tools, "probe", { key: "api_key=abcdef123456" });
  await assert.rejects(call(tools, "probe", { fail: true }));
  const text = readFileSync(file, "utf8");
  assert.doesNotMatch(text, /abcdef123456|sk-abcdef|secret output/);
  const [before, after, , failed] = linesOf(file).map((line): Record<string, unknown> => JSON.parse(line));
  assert.deepEqual(seen, [1, 3], "the line stands there when the tool runs");
  assert.deepEqual(
    [before?.["what"], before?.["user"], before?.["verdict"], before?.["rule"]],
    ["call", "ann", "allow", "rule probe"],
  );
  assert.deepEqual(
    [after?.["what"], after?.["ok"], after?.["sandbox"], after?.["exitCode"]],
    ["result", true, "L1 bubblewrap (enforced)", 0],
  );
  assert.equal(failed?.["ok"], false);
  assert.equal(verifyAudit(file).ok, true);
});

test("a tool does not run when its call can't be written, unless it only looks", async () => {
  using dir = tempFolder({ "taken/x": "" });
  let ran = false;
  const tool: Tool = { name: "probe", description: "", parameters: {}, run: () => (ran = true) };
  const auditor = fileAuditor(new AuditLog(join(dir.path, "taken")));
  await assert.rejects(call(auditTools([tool], auditor), "probe"), { name: "AuditError" });
  assert.equal(ran, false);
  const looks = { ...tool, effect: "none", egress: false } as const;
  await call(auditTools([looks], auditor), "probe");
  assert.equal(ran, true, "what only looks, and sends nothing, goes on");
});

test("secrets are masked wherever they stand, and ordinary text is left alone", () => {
  const env = { MY_API_KEY: "correct-horse-battery", SHORT_KEY: "abc", HOME: "/home/someone" };
  const bad = [
    "sk-proj-abcdefghijklmnopqrst",
    "ghp_abcdefghijklmnopqrstuvwxyz0123",
    "AKIAIOSFODNN7EXAMPLE",
    "Authorization: Bearer abc.def.ghi",
    "password = hunter2hunter2",
    '{"token":"0123456789abcdef"}',
    "https://ann:pa55word@example.com/",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghijkl",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
    "x correct-horse-battery y",
  ];
  for (const text of bad) assert.match(redact(text, env), /\[secret\]/, text);
  assert.doesNotMatch(redact(bad.join("\n"), env), /hunter2|pa55word|MIIEow|battery/);
  for (const text of ["the path /home/someone/src", "grep -n token_count f.txt", "abc", "git log --oneline"])
    assert.equal(redact(text, env), text);
});
