import { styleText } from "node:util";
import { type Config, examine, type Level, maskText, worst } from "@hearth/runtime";
import { asHearthError } from "hearth";
import type { CommandContext } from "../command.ts";
import { plain } from "../terminal/plain.ts";

const MARKS: Readonly<Record<Level, { mark: string; colour: "green" | "dim" | "yellow" | "red" }>> = {
  ok: { mark: "✓", colour: "green" },
  note: { mark: "·", colour: "dim" },
  warning: { mark: "!", colour: "yellow" },
  problem: { mark: "✗", colour: "red" },
};

/** Exit code 0 where `hearth run` should work, 2 where something must be mended first. */
export async function run({ args, config, env, out, signal }: CommandContext): Promise<number> {
  const json = args.settings.some(({ key }) => key === "json");
  let settings: Config;
  try {
    settings = config();
  } catch (error) {
    // A doctor who can't read the settings says so: that is what he was asked.
    const { message, remedy, exitCode } = asHearthError(error);
    if (!json) throw error;
    await out.json({
      id: "settings",
      title: "Settings",
      findings: [{ level: "problem", text: message, remedy }],
    });
    return exitCode;
  }
  const reports = await examine({ config: settings, env, signal });
  for (const report of reports) {
    if (json) {
      await out.line(maskText(JSON.stringify(report), settings.secrets));
      continue;
    }
    await out.line(styleText("bold", report.title));
    for (const { level, text, remedy } of report.findings) {
      const { mark, colour } = MARKS[level];
      await out.line(`  ${styleText(colour, mark)} ${plain(maskText(text, settings.secrets))}`);
      if (remedy !== undefined) await out.line(`      ${remedy}`);
    }
  }
  return worst(reports) === "problem" ? 2 : 0;
}
