import { isObject, type JsonValue, UsageError } from "hearth";
import { judgePath } from "./path.ts";
import { judgeShell, type ShellRules } from "./shell.ts";
import type { Judgement } from "./types.ts";
import { judgeUrl, type UrlRules } from "./url.ts";

export interface RowOptions {
  /** Absolute. */
  workspace: string;
  shell?: ShellRules;
  url?: UrlRules;
}

/** One line of `hearth policy check - --jsonl` and its answer: `{id, kind, input, mode?}` → `{id, verdict, reason}`. */
export async function checkRow(row: unknown, options: RowOptions): Promise<{ id: JsonValue } & Judgement> {
  if (!isObject(row))
    throw new UsageError("A row must be a JSON object.", {
      remedy: 'Such as {"id":"a","kind":"shell","input":"ls"}.',
    });
  const id = row["id"] ?? null;
  const { kind, input, mode } = row;
  if (typeof input !== "string") throw new UsageError(`Row ${JSON.stringify(id)}: "input" must be a text.`);
  const { verdict, reason } = await judge(kind, input, mode, options, id);
  return { id, verdict, reason };
}

async function judge(
  kind: JsonValue | undefined,
  input: string,
  mode: JsonValue | undefined,
  options: RowOptions,
  id: JsonValue,
): Promise<Judgement> {
  const { workspace } = options;
  const wrongMode = (known: string) =>
    new UsageError(`Row ${JSON.stringify(id)}: unknown mode ${JSON.stringify(mode)}.`, {
      remedy: `Known: ${known}.`,
    });
  switch (kind) {
    case "shell": {
      if (mode !== undefined && mode !== "strict" && mode !== "pipeline") throw wrongMode("strict, pipeline");
      const rules = options.shell === undefined ? {} : { rules: options.shell };
      return await judgeShell(input, { mode: mode ?? "strict", workspace, ...rules });
    }
    case "path":
      if (mode !== undefined && mode !== "read" && mode !== "write") throw wrongMode("read, write");
      return judgePath(input, { mode: mode ?? "read", workspace });
    case "url":
      return judgeUrl(input, options.url);
    default:
      throw new UsageError(`Row ${JSON.stringify(id)}: unknown kind ${JSON.stringify(kind)}.`, {
        remedy: "Known: shell, path, url.",
      });
  }
}
