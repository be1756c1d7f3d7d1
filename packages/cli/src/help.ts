import { defaultText, settingOf } from "@hearth/runtime";
import { type Flag, flagsFor } from "./args/index.ts";
import type { CommandRow } from "./command.ts";

export function commandHelp(row: CommandRow): string {
  const forms = row.usage.map((form) => `  hearth ${row.name} ${form}`.trimEnd());
  const flags = flagsFor(row.scopes, row.flags).map((flag) => [flagHead(flag), flagText(flag)] as const);
  return [row.summary, "", "Usage:", ...forms, "", "Flags:", ...columns(flags), ""].join("\n");
}

export function overview(rows: readonly CommandRow[]): string {
  const commands = rows.map((row) => [row.name, row.summary] as const);
  return [
    "Hearth lets local language models act.",
    "",
    "Usage:",
    "  hearth COMMAND [options]",
    "",
    "Commands:",
    ...columns(commands),
    "",
    "`hearth COMMAND --help` says more. Settings: `hearth config`, docs/settings.md.",
    "",
  ].join("\n");
}

function flagHead({ name, short, placeholder }: Flag): string {
  return `${short === undefined ? "    " : `-${short}, `}--${name}${placeholder === undefined ? "" : ` ${placeholder}`}`;
}

function flagText({ about, key }: Flag): string {
  if (key === undefined || typeof settingOf(key).default === "boolean") return about;
  const { unit } = settingOf(key);
  return `${about} (${unit === undefined ? "" : `${unit}; `}default: ${defaultText(key)})`;
}

const WIDTH = 100;

/** Two columns, the right one wrapped. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.min(30, Math.max(...rows.map(([head]) => head.length))) + 2;
  return rows.flatMap(([head, text]) => {
    const lines = wrapped(text, WIDTH - left - 2);
    const first = head.length > left - 2 ? [`  ${head}`] : [];
    return [
      ...first,
      ...lines.map((line, i) => `  ${(i === 0 && first.length === 0 ? head : "").padEnd(left)}${line}`),
    ];
  });
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
