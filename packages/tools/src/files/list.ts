import { lstatSync, opendirSync } from "node:fs";
import type { Tool } from "hearth";
import { byName, plural, showBytes, showName, type Workspace } from "../confine/index.ts";
import { answering, countOf, type EntryType, LOOKS, pathOf, typeOf } from "./shared.ts";

const STANDARD = 30;
const MOST = 1000;
/** Names read of one folder; beyond it the listing says that it is not whole. */
const MAX_NAMES = 200_000;

export function listFiles(workspace: Workspace): Tool {
  return {
    name: "list_files",
    description: "List the files and folders in one folder, with file sizes. Not recursive.",
    parameters: {
      type: "object",
      properties: {
        path: { type: "string", description: "The folder. Default: the workspace.", default: "." },
        limit: {
          type: "integer",
          description: "How many entries at most.",
          minimum: 1,
          maximum: MOST,
          default: STANDARD,
        },
      },
      required: [],
      additionalProperties: false,
    },
    ...LOOKS,
    run: (args) =>
      answering(workspace, "folder", () => {
        const limit = countOf(args, "limit", STANDARD, MOST);
        using folder = workspace.openFolder(pathOf(args));
        const found: { name: string; type: EntryType }[] = [];
        const entries = opendirSync(folder.at(), { bufferSize: 512 });
        let more = false;
        try {
          for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
            if (found.length === MAX_NAMES) {
              more = true;
              break;
            }
            found.push({ name: entry.name, type: typeOf(entry) });
          }
        } finally {
          entries.closeSync();
        }
        found.sort(
          (a, b) => Number(b.type === "folder") - Number(a.type === "folder") || byName(a.name, b.name),
        );
        const shown = found.slice(0, limit).map(({ name, type }) => {
          const bytes = type === "file" ? lstatSync(folder.at(name), { throwIfNoEntry: false })?.size : 0;
          return { name, type, bytes: bytes ?? 0 };
        });
        const left = found.length - shown.length;
        const folders = found.filter(({ type }) => type === "folder").length;
        const where = folder.path === "." ? "The workspace" : `${showName(folder.path)}/`;
        const lines =
          found.length === 0
            ? [`${where} is empty.`]
            : [
                `${where} has ${plural(folders, "folder")} and ${plural(found.length - folders, "file")}${more ? " or more" : ""}:`,
              ];
        for (const { name, type, bytes } of shown) {
          if (type === "folder") lines.push(`${showName(name)}/`);
          else lines.push(`${showName(name)}  ${type === "file" ? showBytes(bytes) : type}`);
        }
        if (left > 0) lines.push(leftLine(left, limit, found.length));
        return {
          content: lines.join("\n"),
          details: { path: folder.path, entries: shown, total: found.length, left },
        };
      }),
  };
}

function leftLine(left: number, limit: number, total: number): string {
  const how =
    limit >= MOST ? "search_files finds the others by name" : `set limit to ${Math.min(MOST, total)}`;
  return `${plural(left, "more entry", "more entries")} not shown; ${how}.`;
}
