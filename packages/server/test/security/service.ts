/** A real `hearth serve` with keys, in a process of its own. */
import { spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { changeKeys, type KeyRecord } from "@hearth/server";
import { type Engine, startEngine, startServer } from "../process/support.ts";
import { turns } from "../process/turns.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/** Limits that a probe of seconds can meet. */
export const QUICK = { headersTimeout: 1, requestTimeout: 2, headerKb: 16, bodyMb: 4 };

const TOOLS = `/** Send a letter. @param to whom @effect once */
export function send_letter(to: string): string { return "sent to " + to; }
`;

export interface Guarded extends AsyncDisposable {
  url: string;
  token: string;
  engine: Engine;
  keysFile: string;
  home: string;
  /** All that stands in its log. */
  log(): string;
}

export async function startGuarded(records: readonly KeyRecord[]): Promise<Guarded> {
  const engine = await startEngine(turns);
  const home = realpathSync(mkdtempSync(join(tmpdir(), "hearth-guarded-")));
  const keysFile = join(home, ".local/state/hearth/keys.json");
  changeKeys(keysFile, () => records);
  writeFileSync(join(home, "tools.ts"), TOOLS);
  writeFileSync(join(home, "settings.json"), JSON.stringify({ http: QUICK }));
  const server = await startServer(
    [
      ...["--engine", engine.url, "--wire", "ollama", "--model", "mock", "--workspace", home],
      ...[
        "--tool-module",
        join(home, "tools.ts"),
        "--tools",
        "none",
        "--config",
        join(home, "settings.json"),
      ],
      ...["--journal", join(home, "journal.sqlite"), "--parallel", "8"],
    ],
    home,
  );
  let log = "";
  server.child.stderr?.on("data", (chunk: string) => {
    log += chunk;
  });
  return {
    url: server.url,
    token: server.token,
    engine,
    keysFile,
    home,
    log: () => log,
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => server.child.once("exit", resolve));
      if (server.child.exitCode === null) {
        server.child.kill("SIGINT");
        await gone;
      }
      await engine.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** `hearth …` to its end, with this home. */
export function hearth(
  home: string,
  args: readonly string[],
  input = "",
): Promise<{ code: number; out: string; said: string }> {
  const main = join(ROOT, "packages/cli/src/main.ts");
  const kept = ["PATH", "TMPDIR", "NODE_OPTIONS"].map((name) => [name, process.env[name]]);
  const child = spawn(process.execPath, ["--conditions=@hearth/source", main, ...args], {
    cwd: home,
    env: { ...Object.fromEntries(kept), HOME: home },
  });
  child.stdin.end(input);
  let out = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    out += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  return new Promise((resolve) => {
    child.once("close", (code) => resolve({ code: code ?? -1, out, said }));
  });
}
