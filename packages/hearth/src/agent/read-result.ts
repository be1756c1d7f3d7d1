import type { Journal } from "../journal/index.ts";
import { type Tool, ToolError } from "../protocol/index.ts";

export const READ_RESULT = "read_result";
/** Characters of one reading: well under the cap, so that a reading is never cut again. */
const PAGE_CHARS = 3000;
/** Places shown for `find`. */
const MAX_FOUND = 10;

/** The tool by which the model reads results that were too long for the prompt. */
export function readResultTool(journal: Journal): Tool {
  return {
    name: READ_RESULT,
    description: "Read more of a long result that was shortened, by its id.",
    effect: "none",
    // What it shows was counted when it came.
    reads: "public",
    source: "trusted",
    egress: false,
    parameters: {
      type: "object",
      properties: {
        id: { type: "string", description: "Id named in the shortened result" },
        offset: { type: "integer", minimum: 0, default: 0, description: "Character to start at" },
        find: { type: "string", description: "Show only lines with this text" },
      },
      required: ["id"],
      additionalProperties: false,
    },
    async run(args, { runId }) {
      const id = String(args["id"]);
      const whole = await journal.getArtifact(runId, id);
      if (whole === undefined)
        throw new ToolError(`There is no result "${id}".`, {
          remedy: "Use an id that a shortened result names.",
        });
      return typeof args["find"] === "string"
        ? found(whole, args["find"])
        : page(whole, Number(args["offset"] ?? 0));
    },
  };
}

function page(whole: string, offset: number): string {
  const part = whole.slice(offset, offset + PAGE_CHARS).toWellFormed();
  const end = offset + part.length;
  const more = end < whole.length ? ` Go on with offset ${end}.` : "";
  return `${part}\n[characters ${offset} to ${end} of ${whole.length}.${more}]`;
}

function found(whole: string, text: string): string {
  const wanted = text.toLowerCase();
  const lines = whole.split("\n");
  const hits = lines.flatMap((line, i) =>
    line.toLowerCase().includes(wanted) ? [`${i + 1}: ${line.slice(0, 250)}`] : [],
  );
  if (hits.length === 0) return `No line has "${text}" (${lines.length} lines).`;
  const shown = hits.slice(0, MAX_FOUND).join("\n");
  return hits.length > MAX_FOUND ? `${shown}\n[${hits.length - MAX_FOUND} more lines have it.]` : shown;
}
