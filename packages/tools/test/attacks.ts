import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkRow } from "../src/judge/index.ts";
import { tempFolder } from "./helpers.ts";

export interface Attack {
  kind: string;
  input: string;
  expected: string;
  why: string;
}

/** The shared attack inputs, or undefined where they are not at hand. */
export function attacks(): Attack[] | undefined {
  const folder = process.env["HEARTH_SHARED"] ?? resolve(import.meta.dirname, "../../../../shared");
  const file = join(folder, "data/security/attacks.jsonl");
  if (!existsSync(file)) return undefined;
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Attack => {
      const row: Partial<Attack> = JSON.parse(line);
      return {
        kind: row.kind ?? "",
        input: row.input ?? "",
        expected: row.expected ?? "",
        why: row.why ?? "",
      };
    });
}

/** Rows that name a course of events, not a path: each has a test of its own. */
const EVENTS: Readonly<Record<string, string>> = {
  "package.json#race": "test/process/race.test.ts",
  "tar entry symlink then file through it": "confine.test.ts: links are refused wherever they come from",
};

export interface Judged {
  attack: Attack;
  mode: string;
  wanted: string;
  verdict: string;
  reason: string;
}

/** Judges every row for a shell, path or URL in each mode it speaks of, in a workspace that has the links the rows name. */
export async function judgeAll(rows: readonly Attack[]): Promise<Judged[]> {
  using outside = tempFolder({ secret: "s", passwd: "x" });
  using dir = tempFolder({
    "f.txt": "hello\n",
    "sub/a.txt": "a\n",
    "..foo/bar.txt": "b",
    "a..b": "c",
    ".git/hooks/": "",
    link_file: `-> ${outside.path}/secret`,
    link_to_etc: `-> ${outside.path}`,
    link_to_parent: "-> ..",
    dangling_link: `-> ${outside.path}/none`,
  });
  execFileSync("mkfifo", [join(dir.path, "fifo")]);
  const out: Judged[] = [];
  for (const attack of rows) {
    if (!["shell", "path", "url"].includes(attack.kind) || Object.hasOwn(EVENTS, attack.input)) continue;
    for (const [mode, wanted] of modesOf(attack)) {
      const input =
        attack.kind === "path" ? attack.input.replace(/^\/workspace(?=\/|$)/, dir.path) : attack.input;
      const row = mode === "" ? { kind: attack.kind, input } : { kind: attack.kind, input, mode };
      const { verdict, reason } = await checkRow(row, { workspace: dir.path });
      out.push({ attack, mode, wanted, verdict, reason });
    }
  }
  return out;
}

function modesOf({ kind, expected }: Attack): [string, string][] {
  if (expected === "deny-write")
    return [
      ["write", "deny"],
      ["read", "allow"],
    ];
  const modes = expected.split("|").map((part) => part.split(":"));
  if (modes.every(([mode]) => mode === "strict" || mode === "pipeline"))
    return modes.map(([mode = "", wanted = ""]) => [mode, wanted]);
  return kind === "shell"
    ? [
        ["strict", expected],
        ["pipeline", expected],
      ]
    : [["", expected]];
}
