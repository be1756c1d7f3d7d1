/** Starts the command in a pseudo-terminal, by `script` of util-linux. */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { folderWith, ROOT } from "./support.ts";

/** Why tests in a terminal are skipped, or false. */
export const noPty: string | false =
  process.platform === "linux" && spawnSync("script", ["-qec", "true", "/dev/null"]).status === 0
    ? false
    : "there is no `script` that makes pseudo-terminals";

export interface Terminal {
  /** Types these keys. */
  type(keys: string): void;
  /** Resolves when the screen has had this text after the last one waited for. */
  sees(text: string | RegExp): Promise<void>;
  /** All that was written, without colours and cursor moves. */
  readonly text: string;
  done: Promise<number | null>;
  kill(): void;
}

const WAIT_MS = 20_000;

export function terminal(args: readonly string[], env: Record<string, string> = {}): Terminal {
  const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
  const main = join(ROOT, "packages/cli/src/main.ts");
  const command = [process.execPath, "--conditions=@hearth/source", main, ...args].map(quoted).join(" ");
  const kept = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(HEARTH_|OLLAMA_|OPENAI_|npm_|XDG_)/.test(name)),
  );
  const child = spawn("script", ["-qfec", `stty cols 100 rows 40; exec ${command}`, "/dev/null"], {
    env: { ...kept, HOME: folderWith(), TERM: "xterm", NO_COLOR: "1", SHELL: "/bin/sh", ...env },
    stdio: ["pipe", "pipe", "ignore"],
  });
  let raw = "";
  let seen = 0;
  let look = (): void => undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    raw += text;
    look();
  });
  child.stdin.on("error", () => undefined);
  const clean = (): string => raw.replace(/\x1b\[[0-?]*[ -/]*[@-~]/g, "").replaceAll("\r", "");
  return {
    type: (keys) => void child.stdin.write(keys),
    sees: (text) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`never saw ${String(text)} after: ${clean().slice(seen)}`)),
          WAIT_MS,
        );
        look = () => {
          const rest = clean().slice(seen);
          const at = typeof text === "string" ? rest.indexOf(text) : rest.search(text);
          if (at === -1) return;
          const length = typeof text === "string" ? text.length : (text.exec(rest)?.[0].length ?? 0);
          seen += at + length;
          clearTimeout(timer);
          look = () => undefined;
          resolve();
        };
        look();
      }),
    get text() {
      return clean();
    },
    done: new Promise((resolve) => child.on("close", resolve)),
    kill: () => void child.kill("SIGKILL"),
  };
}
