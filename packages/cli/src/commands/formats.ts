import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { auditRows, detect, detectRow, listFormats, parseRow, renderRow } from "hearth/formats";
import { actionOf } from "../actions.ts";
import type { CommandContext } from "../command.ts";
import { fileOf, linesOf, textOfFile } from "../lines.ts";
import { objectOf } from "../rows.ts";

export function run(context: CommandContext): Promise<number> {
  return actionOf("formats", { list, detect: detectFormat, render, parse, audit }, context);
}

async function list({ args, out }: CommandContext): Promise<number> {
  for (const row of listFormats()) {
    if (args.own.has("json")) await out.json(row);
    else await out.line(`${row.id}\n  ${row.models.join(", ")}\n  ${row.markers.join(" ")}`);
  }
  return 0;
}

async function detectFormat(context: CommandContext, rest: readonly string[]): Promise<number> {
  const { args, out, folder } = context;
  const file = fileOf(rest, "formats detect");
  if (args.own.has("jsonl")) return eachLine(context, file, (line, at) => detectRow(objectOf(line, at)));
  const { format, confidence, how } = detect(await textOfFile(file, folder));
  if (args.own.has("json")) await out.json({ format, confidence, how });
  else await out.line(`${format} (${how}, confidence ${confidence})`);
  return 0;
}

function render(context: CommandContext, rest: readonly string[]): Promise<number> {
  // The line goes in as text: JSON parsed by JavaScript has lost whether a number was 1 or 1.0.
  return eachLine(context, fileOf(rest, "formats render"), renderRow);
}

function parse(context: CommandContext, rest: readonly string[]): Promise<number> {
  const sources = {
    detect,
    readFile: (file: string) => readFileSync(resolve(context.folder, file), "utf8"),
  };
  return eachLine(context, fileOf(rest, "formats parse"), (line, at) =>
    parseRow(objectOf(line, at), sources),
  );
}

/** What a template loses or mangles, and how that is mended; one line each. */
async function audit({ args, out, folder }: CommandContext, rest: readonly string[]): Promise<number> {
  for (const row of auditRows(await textOfFile(fileOf(rest, "formats audit"), folder))) {
    if (args.own.has("json")) await out.json(row);
    else if ("what" in row)
      await out.line(`${row.what}: ${row.how}${row.repair === undefined ? "" : ` ${row.repair}`}`);
    else if ("error" in row) await out.line(`The template is faulty: ${row.error}`);
    else await out.line(`Made for ${row.format} (${row.detected}, confidence ${row.confidence}).`);
  }
  return 0;
}

async function eachLine(
  { folder, out }: CommandContext,
  file: string,
  answer: (line: string, at: number) => unknown,
): Promise<number> {
  let at = 0;
  for await (const line of linesOf(file, folder)) await out.json(answer(line, ++at));
  return 0;
}
