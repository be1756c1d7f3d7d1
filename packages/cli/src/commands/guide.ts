import {
  GUIDE,
  GUIDE_CONTEXT_TOKENS,
  GUIDE_DATE,
  type GuideModel,
  guideMemory,
  PICKS,
  roomForModels,
} from "@hearth/runtime";
import type { CommandContext } from "../command.ts";

/** The guide as a table, or a row a line with --json; `fits` leaves away what this machine can't hold. */
export async function showGuide({ out }: CommandContext, json: boolean, fits: boolean): Promise<number> {
  const { total } = roomForModels();
  const rows = GUIDE.map((model) => rowOf(model, total)).filter((row) => !fits || row.fits);
  if (json) {
    for (const row of rows) await out.json(row);
    return 0;
  }
  const cells = rows.map((row) => [
    `${row.recommendedForGb === undefined ? " " : "*"} ${row.name}`,
    `${gb(row.bytes)}${row.unverified.includes("bytes") ? "?" : ""}`,
    `${gb(row.memoryBytes)}${row.fits ? "" : " too much"}`,
    row.maxContextTokens === undefined ? "-" : `${Math.round(row.maxContextTokens / 1024)}k`,
    row.license,
    row.scores.map(({ what, value, by }) => `${what} ${value} (${by})`).join("; "),
  ]);
  const heads = ["  NAME", "FILE", "MEMORY", "CONTEXT", "LICENCE", "SCORES"];
  const widths = heads.map((head, i) => Math.max(head.length, ...cells.map((row) => row[i]?.length ?? 0)));
  for (const row of [heads, ...cells]) {
    await out.line(
      row
        .map((cell, i) => cell.padEnd(i === row.length - 1 ? 0 : (widths[i] ?? 0)))
        .join("  ")
        .trimEnd(),
    );
  }
  out.note(
    [
      `As of ${GUIDE_DATE}. Memory is of the file and a window of ${GUIDE_CONTEXT_TOKENS} tokens; about ${gb(total)} are for models here.`,
      "* first choice for its size; ? nobody has checked it. Sources of the scores: --json. On your own tools: `hearth eval`.",
      "`hearth pull NAME` fetches one.",
    ].join("\n"),
  );
  return 0;
}

const gb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

type GuideRow = GuideModel & {
  /** With the guide's window. */
  memoryBytes: number;
  fits: boolean;
  recommendedForGb?: number;
  asOf: string;
};

function rowOf(model: GuideModel, room: number): GuideRow {
  const memoryBytes = Math.round(guideMemory(model));
  const pick = PICKS.find(({ names }) => names.includes(model.name));
  return {
    ...model,
    memoryBytes,
    fits: memoryBytes <= room,
    ...(pick === undefined ? {} : { recommendedForGb: pick.memoryGb }),
    asOf: GUIDE_DATE,
  };
}
