import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { renderTemplate, TemplateError } from "../../packages/hearth/src/formats/templates/index.ts";

type Variables = Record<string, unknown>;
type Rendered = { text: string } | { error: true };

/** The recorded templates, their conversations, and what Python made of them. */
export interface TemplateData {
  templates: { file: string; text: string }[];
  cases: [name: string, variables: Variables][];
  rendered: Record<string, Record<string, Rendered>>;
  clock: string;
}

const shared = process.env["HEARTH_SHARED"] ?? path.join(import.meta.dirname, "../../../shared");
const folder = path.join(shared, "data/formats");

/** Why a test that reads the data is left out; false where the data is there. */
export const noTemplateData: string | false = existsSync(path.join(folder, "rendered.json.gz"))
  ? false
  : `no data in ${folder} (HEARTH_SHARED names another place)`;

export function readTemplateData(): TemplateData {
  const json = (text: string): unknown => JSON.parse(text);
  const recorded = json(gunzipSync(readFileSync(path.join(folder, "rendered.json.gz"))).toString()) as Pick<
    TemplateData,
    "clock" | "rendered"
  >;
  const files = readdirSync(path.join(folder, "templates")).sort();
  return {
    ...recorded,
    templates: files.map((file) => ({
      file,
      text: readFileSync(path.join(folder, "templates", file), "utf8"),
    })),
    cases: json(readFileSync(path.join(folder, "render-cases.json"), "utf8")) as TemplateData["cases"],
  };
}

export interface RenderReport {
  rows: number;
  equal: number;
  bothRefuse: number;
  /** Templates that agree in all cases. */
  templates: number;
  faults: string[];
}

/** Renders each template with each conversation and compares with Python byte by byte. */
export function compareRendering(data: TemplateData): RenderReport {
  const report: RenderReport = { rows: 0, equal: 0, bothRefuse: 0, templates: 0, faults: [] };
  for (const { file, text } of data.templates) {
    const before = report.faults.length;
    for (const [name, variables] of data.cases) {
      report.rows++;
      const wanted = data.rendered[file]?.[name];
      const got = attempt(text, variables, data.clock);
      if (wanted === undefined) report.faults.push(`${file} ${name}: not recorded`);
      else if ("error" in wanted && "error" in got) report.bothRefuse++;
      else if ("text" in wanted && "text" in got && wanted.text === got.text) report.equal++;
      else report.faults.push(`${file} ${name}: ${"error" in got ? got.error : "differs"}`);
    }
    if (report.faults.length === before) report.templates++;
  }
  return report;
}

function attempt(text: string, variables: Variables, clock: string): { text: string } | { error: string } {
  try {
    return { text: renderTemplate(text, variables, { clock }) };
  } catch (error) {
    if (error instanceof TemplateError) return { error: error.message };
    throw error;
  }
}
