/** What Auto-GPT promises of its command control, and where ours differs. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { judgeShell } from "@hearth/tools";
import { loadConfig } from "../config/index.ts";
import { forbidden, shellRules } from "./commands.ts";
import { selectedTools } from "./tools.ts";

const home = realpathSync(mkdtempSync(join(tmpdir(), "hearth-commands-")));
after(() => rmSync(home, { recursive: true, force: true }));
const configOf = (env: Record<string, string>) => loadConfig({ env: { HOME: home, ...env }, cwd: home });

const judged: [env: Record<string, string>, command: string, verdict: string][] = [
  // Plain readers run from the start, in the sandbox: our difference. What writes is asked for, what is on no list refused.
  [{}, "ls -la", "allow"],
  [{}, "mkdir docs", "ask"],
  [{}, "frobnicate x", "deny"],
  [{ EXECUTE_LOCAL_COMMANDS: "False" }, "ls -la", "deny"],
  [{ EXECUTE_LOCAL_COMMANDS: "True" }, "ls -la", "allow"],
  [{ DISABLED_COMMANDS: "shell" }, "ls -la", "deny"],
  [{ DISABLED_COMMANDS: "execute_shell" }, "ls -la", "deny"],
  [{ DISABLED_COMMANDS: "ls" }, "ls -la", "deny"],
  [{ DISABLED_COMMANDS: "git push" }, "git push origin", "deny"],
  [{ DISABLED_COMMANDS: "execute_python_file" }, "python3 x.py", "deny"],
  [{ SHELL_COMMAND_CONTROL: "allowlist" }, "frobnicate x", "deny"],
  [{ SHELL_COMMAND_CONTROL: "denylist" }, "frobnicate x", "ask"],
  [{ SHELL_COMMAND_CONTROL: "denylist", SHELL_DENYLIST: "frobnicate" }, "frobnicate x", "deny"],
  [{ SHELL_ALLOWLIST: "frobnicate *" }, "frobnicate x", "allow"],
  [{ SHELL_ALLOWLIST: "frobnicate *" }, "frobnicate x; rm -rf /", "deny"],
  [{ SHELL_ALLOWLIST: "frobnicate *", SHELL_DENYLIST: "frobnicate" }, "frobnicate x", "deny"],
];
for (const [env, command, verdict] of judged) {
  test(`Auto-GPT's command control: ${JSON.stringify(env)} ${command}: ${verdict}`, async () => {
    const judgement = await judgeShell(command, { workspace: home, rules: shellRules(configOf(env)) });
    assert.equal(judgement.verdict, verdict, judgement.reason);
  });
}

test("Auto-GPT's DISABLED_COMMANDS: each alias takes its tools away, and says so where one is called by hand", async () => {
  const aliases: [name: string, gone: readonly string[]][] = [
    ["execute_python_code", ["run_python"]],
    ["execute_python_file", ["run_python"]],
    ["execute_code", ["run_python", "run_javascript"]],
    ["shell", ["run_shell", "run_command"]],
    ["read_file", ["read_file"]],
    ["write_to_file", ["write_file"]],
  ];
  for (const [name, gone] of aliases) {
    const config = configOf({ DISABLED_COMMANDS: name, HEARTH_TOOLS: "+shell,+edit" });
    const names = (await selectedTools(config)).map((tool) => tool.name);
    for (const tool of gone) {
      assert.ok(!names.includes(tool), `${name}: ${tool}`);
      assert.match(forbidden(config, tool) ?? "", /DISABLED_COMMANDS/);
    }
    assert.equal(forbidden(config, "list_files"), undefined);
  }
  await assert.rejects(selectedTools(configOf({ DISABLED_COMMANDS: "execute_pyton_code" })), {
    name: "UsageError",
    remedy: /execute_python_code/,
  });
});

test("a workspace's own files may only tighten: lists grow, switches go off, nothing is allowed", () => {
  const workspace = join(home, "cloned");
  mkdirSync(workspace);
  const said = {
    shellAllowlist: ["rm *"],
    shellCommandControl: "denylist",
    executeLocalCommands: false,
    disabledCommands: ["cat"],
    shellDenylist: ["find *"],
    restrictToWorkspace: false,
    allow: ["*"],
    approve: "auto",
  };
  writeFileSync(join(workspace, "hearth.config.json"), JSON.stringify(said));
  const { settings, ignored } = loadConfig({ env: { HOME: home }, cwd: workspace });
  assert.deepEqual(ignored.map(({ name }) => name).sort(), [
    "allow",
    "approve",
    "restrictToWorkspace",
    "shellAllowlist",
    "shellCommandControl",
  ]);
  const { executeLocalCommands, disabledCommands, shellDenylist, restrictToWorkspace, approve } = settings;
  assert.deepEqual(
    { executeLocalCommands, disabledCommands, shellDenylist, restrictToWorkspace, approve },
    {
      executeLocalCommands: false,
      disabledCommands: ["cat"],
      shellDenylist: ["find *"],
      restrictToWorkspace: true,
      approve: "ask",
    },
  );
});
