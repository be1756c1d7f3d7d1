import assert from "node:assert/strict";
import { test } from "node:test";
import { tempFolder } from "../../test/helpers.ts";
import { checkRow, isPublicAddress, judgePath, judgeUrl } from "./index.ts";

const workspace = "/workspace";

test("addresses: public ones only", () => {
  for (const address of [
    "8.8.8.8",
    "93.184.215.14",
    "1.1.1.1",
    "2606:4700:4700::1111",
    "2a00:1450:4001::200e",
    "172.15.0.1",
    "100.63.255.255",
  ]) {
    assert.equal(isPublicAddress(address), true, address);
  }
  for (const address of [
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "0.0.0.0",
    "::",
    "::1",
    "::ffff:8.8.8.8",
    "::7f00:1",
    "64:ff9b::8.8.8.8",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fec0::1",
    "localhost",
    "",
    "1.2.3",
    "[::1]",
  ]) {
    assert.equal(isPublicAddress(address), false, address);
  }
  assert.equal(isPublicAddress("8.8.8.8", ["8.8.8.8"]), false, "this machine's own");
});

test("URLs: schemes, ports, names, letters that look like others, and the engines of this machine", () => {
  const bad = [
    "http://localhost:11434/api/tags",
    "http://127.0.0.1:1234/v1/models",
    "http://[::1]:8080/",
    "http://LOCALHOST./",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://router/",
    "http://a.home.arpa/",
    "http://127.0.0.1.nip.io/",
    "http://localtest.me/",
    "http://0/",
    "http://[::7f00:1]/",
    "http:127.0.0.1/",
    "http://user:pw@example.com/",
    "http://example.com@127.0.0.1/",
    "https://example.com:8443/",
    "gopher://example.com/",
    "javascript:alert(1)",
    "//example.com/",
    "example.com",
    "http://",
    "http://exa mple.com/",
    "http://\u0455\u0441\u043e\u0440\u0435.com/",
    "http://g\u043e\u043egle.com/",
    "http://2130706433/",
    "http://0x7f.1/",
    `http://example.com/${"a".repeat(5000)}`,
  ];
  for (const url of bad) assert.equal(judgeUrl(url).verdict, "deny", url.slice(0, 60));
  for (const url of [
    "https://example.com/a?b=c#d",
    "http://example.com:80/",
    "https://müller.de/",
    "https://xn--mller-kva.de/",
    "https://пример.рф/",
    "https://[2606:4700::1111]/",
  ]) {
    assert.equal(judgeUrl(url).verdict, "allow", url);
  }
  const hosts = ["example.com"];
  assert.equal(judgeUrl("https://docs.example.com/", { hosts }).verdict, "allow");
  assert.equal(judgeUrl("https://notexample.com/", { hosts }).verdict, "ask");
  assert.equal(judgeUrl("https://example.com:8443/", { ports: [8443] }).verdict, "allow");
});

test("paths for writing: what other programs run later is refused, under any spelling", () => {
  using dir = tempFolder({ "src/a.ts": "", ".git/config": "" });
  const judge = (input: string, mode: "read" | "write") =>
    judgePath(input, { mode, workspace: dir.path }).verdict;
  for (const path of [
    ".git/hooks/post-checkout",
    ".git/config",
    ".GIT/HOOKS/x",
    "sub/.git/hooks/x",
    ".bashrc",
    "home/.zshrc",
    ".vscode/tasks.json",
    ".idea/x.xml",
    ".mcp.json",
    ".gitmodules",
    ".env",
    ".env.local",
    "hearth.config.json",
    ".envrc",
    ".npmrc",
    ".husky/pre-commit",
    ".ssh/authorized_keys",
    "git~1/hooks/x",
    ".g\u200cit/hooks/x",
    ".local/state/hearth/keys.json",
    ".local/share/hearth/runs.sqlite",
    "home/.CONFIG/Hearth/config.json",
    "a\nb",
    ".",
  ]) {
    assert.equal(judge(path, "write"), "deny", JSON.stringify(path));
  }
  for (const path of [
    "src/a.ts",
    "src/new.ts",
    "new/deep/file.md",
    "environment.md",
    ".gitignore",
    "src/hearth/x.ts",
  ])
    assert.equal(judge(path, "write"), "allow", path);
  assert.equal(judge(".git/config", "read"), "allow");
});

test("a row that can't be judged is a usage error, not a verdict", async () => {
  for (const row of [
    null,
    [],
    "x",
    {},
    { kind: "shell" },
    { kind: "x", input: "y" },
    { kind: "shell", input: "ls", mode: "loose" },
    { kind: "path", input: "x", mode: "strict" },
  ]) {
    await assert.rejects(checkRow(row, { workspace }), { name: "UsageError" });
  }
  const answer = await checkRow({ id: 7, kind: "shell", input: "ls" }, { workspace });
  assert.deepEqual([answer.id, answer.verdict], [7, "allow"]);
});
