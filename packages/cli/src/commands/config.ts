import { envTemplate, explain, type ShownSetting, settingsTable } from "@hearth/runtime";
import type { CommandContext } from "../command.ts";

export async function run({ args, config, out }: CommandContext): Promise<number> {
  if (args.own.has("template")) {
    await out.write(envTemplate());
    return 0;
  }
  if (args.own.has("markdown")) {
    await out.line(settingsTable());
    return 0;
  }
  const settings = config();
  const shown = explain(settings);
  if (settings.settings.json) {
    for (const row of shown) await out.json(row);
    return 0;
  }
  const width = Math.max(...shown.map(({ name }) => name.length));
  const explained = args.own.has("explain");
  for (const row of shown) {
    const line = `${row.name.padEnd(width)}  ${valueText(row)}`;
    await out.line(explained ? `${line}  (${sourceText(row)})\n${" ".repeat(width + 2)}${row.about}` : line);
  }
  if (explained) {
    await out.line("\nFiles:");
    for (const { file, source, found, trusted } of settings.files) {
      const state = found ? (trusted ? "read" : "read, not trusted: `hearth trust DIR`") : "not there";
      await out.line(`  ${file} (${source}): ${state}`);
    }
  }
  return 0;
}

function valueText({ value }: ShownSetting): string {
  if (value === undefined) return "-";
  return Array.isArray(value) ? value.join(",") || "-" : String(value);
}

function sourceText({ source, where }: ShownSetting): string {
  return where === undefined ? source : `${source}: ${where}`;
}
