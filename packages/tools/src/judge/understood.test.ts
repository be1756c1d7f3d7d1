import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeShell } from "./index.ts";

const workspace = "/workspace";
const shell = async (input: string, mode: "strict" | "pipeline" = "pipeline") =>
  (await judgeShell(input, { mode, workspace })).verdict;

test("what people and models use to look around is allowed", async () => {
  const good = [
    "ls",
    "ls -la src",
    "ls --color=never -1",
    "cat 'my file.txt'",
    'cat "my file.txt"',
    "cat my\\ file.txt",
    "head -n 20 f.txt",
    "head -20 f.txt",
    "head -n20 f.txt",
    "tail --lines=5 f.txt",
    "grep -rn 'TODO|FIXME' --include '*.ts' src",
    "grep -c -v '^$' f.txt",
    "grep -e a -e b f.txt",
    "rg -n --type py 'def main' src",
    "find . -name '*.py' -not -path './node_modules/*'",
    "find src tests -type f \\( -name '*.c' -o -name '*.h' \\) -size +10k",
    "wc -l f.txt",
    "sort -t , -k 2,2n f.txt",
    "cut -d: -f1 f.txt",
    "tr a-z A-Z",
    "sed -n '1,20p' f.txt",
    "sed 's/foo/bar/g; s|a|b|' f.txt",
    "sed -E 's/(a)(b)/\\2\\1/' f.txt",
    "sed '/^#/d' f.txt",
    "sed -n -e '$p' f.txt",
    "diff -u a.txt b.txt",
    "date -u '+%Y-%m-%d'",
    "date -d 'next monday' +%F",
    "du -sh src",
    "stat -c '%s %n' f.txt",
    "md5sum f.txt",
    "printf '%s\\n' a b",
    "git log --oneline -10",
    "git log --since='2 weeks ago' --pretty=format:'%h %s'",
    "git diff HEAD~1 -- src/main.ts",
    "git diff main..topic --stat",
    "git show HEAD:src/main.ts",
    "git blame -L 1,20 f.txt",
    "git branch -a",
    "git ls-files",
    "seq 1 10",
    "jq '.scripts | keys' package.json",
    "which node",
    "node --version",
    "npm -v",
    "git --version",
    "tree -L 2 src",
  ];
  for (const command of good) {
    const { verdict, reason } = await judgeShell(command, { mode: "strict", workspace });
    assert.equal(verdict, "allow", `${command}: ${reason}`);
  }
});

test("pipelines and lists of listed programs: a plan, stage by stage", async () => {
  const { verdict, plan } = await judgeShell("cat a 2>/dev/null | sort | uniq -c; ls && pwd || date", {
    mode: "pipeline",
    workspace,
  });
  assert.equal(verdict, "allow");
  assert.deepEqual(plan, [
    {
      when: "always",
      pipeline: [{ argv: ["cat", "a"], stderr: "discard" }, { argv: ["sort"] }, { argv: ["uniq", "-c"] }],
    },
    { when: "always", pipeline: [{ argv: ["ls"] }] },
    { when: "success", pipeline: [{ argv: ["pwd"] }] },
    { when: "failure", pipeline: [{ argv: ["date"] }] },
  ]);
  for (const command of [
    "ls | sh",
    "ls; id",
    "cat a | xargs rm",
    "ls && rm x",
    "cat a | tee b",
    "ls | cat > x",
  ]) {
    assert.equal(await shell(command), "deny", command);
  }
  assert.equal((await judgeShell("ls | wc -l", { workspace })).verdict, "deny", "strict is the default");
});

test("words are read as a shell would", async () => {
  const cases: [string, string[]][] = [
    ["echo 'it'\\''s' \"a \\\"b\\\" \\\\ \\$x\" c\\ d", ["echo", "it's", 'a "b" \\ $x', "c d"]],
    ["echo '' \"\" x", ["echo", "", "", "x"]],
    ["echo a'b'\"c\"d", ["echo", "abcd"]],
    ['grep "   " f.txt', ["grep", "   ", "f.txt"]],
    ["echo a#b -5 007", ["echo", "a#b", "-5", "007"]],
    ["echo größe 日本", ["echo", "größe", "日本"]],
  ];
  for (const [command, argv] of cases) {
    const { plan } = await judgeShell(command, { workspace });
    assert.deepEqual(plan?.[0]?.pipeline[0]?.argv, argv, command);
  }
});

test("git is started so that a cloned repository's settings run nothing", async () => {
  const { plan } = await judgeShell("git diff --stat", { workspace });
  const argv = plan?.[0]?.pipeline[0]?.argv ?? [];
  for (const word of [
    "--no-pager",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "--no-ext-diff",
    "--no-textconv",
  ]) {
    assert.ok(argv.includes(word), word);
  }
});

test("a person is asked for everyday writers, never for their options that run something else", async () => {
  for (const command of [
    "mkdir -p src/x",
    "touch a.txt",
    "cp -r a b",
    "mv a b",
    "npm test",
    "npm run build",
    "python3 script.py --fast",
    "node src/main.js",
    "make test",
    "cargo test",
    "git add src",
    "git commit -m 'Mend it'",
  ]) {
    assert.equal(await shell(command), "ask", command);
  }
  assert.equal(await shell("ls && npm test"), "ask");
});

test("the user's own patterns come on top, and a refusal is the strongest", async () => {
  const rules = { allow: ["npm test", "make *", "ls"], deny: ["ls -la *", "make clean"] };
  const verdict = async (command: string, more = {}) =>
    (await judgeShell(command, { workspace, rules: { ...rules, ...more } })).verdict;
  assert.equal(await verdict("npm test"), "allow");
  assert.equal(await verdict("npm test x"), "ask");
  assert.equal(await verdict("make all -j4"), "allow");
  assert.equal(await verdict("make clean"), "deny");
  assert.equal(await verdict("ls -la src"), "deny");
  assert.equal(await verdict("foo bar"), "deny");
  assert.equal(await verdict("foo bar", { control: "denylist" }), "ask");
  assert.equal(await verdict("foo ../x", { control: "denylist" }), "deny");
  assert.equal(await verdict("foo $(id)", { control: "denylist" }), "deny");
});
