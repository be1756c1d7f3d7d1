import { lstatSync, statfsSync } from "node:fs";
import type { JsonObject, Tool, ToolResult } from "hearth";
import { byName, plural, showBytes, showCount, showName, type Workspace } from "../confine/index.ts";
import { answering, type EntryType, LOOKS, pathOf, typeOf } from "./shared.ts";
import { skippedLine, walkTree } from "./tree.ts";

const SHOWN = 15;
const BUDGET_MS = 15_000;

export function diskUsage(workspace: Workspace, options: { budgetMs?: number } = {}): Tool {
  return {
    name: "disk_usage",
    description:
      "Tell what takes the most space in a folder: its files and folders, largest first, with all that is in them, and the free space of the disk.",
    parameters: {
      type: "object",
      properties: {
        path: { type: "string", description: "The folder. Default: the workspace.", default: "." },
      },
      required: [],
      additionalProperties: false,
    },
    ...LOOKS,
    run: (args, context) =>
      answering(workspace, "folder", async () => {
        const file = fileUsage(workspace, pathOf(args));
        if (file !== undefined) return file;
        using folder = workspace.openFolder(pathOf(args));
        const entries = new Map<string, { path: string; bytes: number; type: EntryType }>();
        const links = new Set<string>();
        let files = 0;
        let totalBytes = 0;
        const largest = { path: "", bytes: -1 };
        const end = await walkTree(folder, {
          signal: context.signal,
          budgetMs: options.budgetMs ?? BUDGET_MS,
          visit({ folder: parent, entry, path }) {
            const slash = path.indexOf("/");
            const type = typeOf(entry);
            let top = entries.get(slash < 0 ? path : path.slice(0, slash));
            if (top === undefined) {
              top = { path: folder.pathOf(path), bytes: 0, type };
              entries.set(path, top);
            }
            if (type !== "file") return;
            const stat = lstatSync(parent.at(entry.name), { throwIfNoEntry: false });
            if (stat === undefined || !stat.isFile()) return;
            if (stat.nlink > 1) {
              const key = `${stat.dev}:${stat.ino}`;
              if (links.has(key)) return;
              links.add(key);
            }
            files++;
            totalBytes += stat.size;
            top.bytes += stat.size;
            if (stat.size > largest.bytes)
              Object.assign(largest, { path: folder.pathOf(path), bytes: stat.size });
          },
        });
        const sorted = [...entries.values()].sort((a, b) => b.bytes - a.bytes || byName(a.path, b.path));
        const shown = sorted.slice(0, SHOWN);
        const volume = volumeOf(folder.at());
        const partial = end.timedOut
          ? `Stopped after ${Math.round((options.budgetMs ?? BUDGET_MS) / 1000)} s: the sizes are what was counted so far.`
          : skippedLine(end);
        const where = folder.path === "." ? "The workspace" : `${showName(folder.path)}/`;
        const lines = [
          `${where} takes ${showBytes(totalBytes)} in ${plural(files, "file")}${entries.size > 0 ? ". Largest first:" : "."}`,
        ];
        for (const { path, bytes, type } of shown) {
          const share = totalBytes > 0 ? ` (${Math.round((bytes / totalBytes) * 100)}%)` : "";
          lines.push(`${showName(path)}${type === "folder" ? "/" : ""}  ${showBytes(bytes)}${share}`);
        }
        const rest = sorted.slice(SHOWN);
        if (rest.length > 0) {
          const bytes = rest.reduce((sum, entry) => sum + entry.bytes, 0);
          lines.push(`${showCount(rest.length)} more, ${showBytes(bytes)} together.`);
        }
        if (largest.path.includes("/")) {
          lines.push(`Largest single file: ${showName(largest.path)}  ${showBytes(largest.bytes)}`);
        }
        lines.push(volumeLine(volume));
        if (partial !== undefined) lines.push(partial);
        const details: JsonObject = {
          path: folder.path,
          totalBytes,
          files,
          volume: { ...volume },
          entries: shown.map((entry) => ({ ...entry })),
          left: rest.length,
        };
        if (largest.bytes >= 0) details["largest"] = { ...largest };
        if (partial !== undefined) details["partial"] = partial;
        return { content: lines.join("\n"), details };
      }),
  };
}

/** The size of a single file, for "how large is film.mp4?"; `undefined` where the path names none. */
function fileUsage(workspace: Workspace, path: string): ToolResult | undefined {
  const { folder, last } = workspace.walk(path);
  using parent = folder;
  const stat = last === undefined ? undefined : lstatSync(parent.at(last), { throwIfNoEntry: false });
  if (last === undefined || stat === undefined || !stat.isFile()) return undefined;
  const volume = volumeOf(parent.at());
  const own = parent.pathOf(last);
  return {
    content: `${showName(own)} takes ${showBytes(stat.size)}.\n${volumeLine(volume)}`,
    details: { path: own, totalBytes: stat.size, files: 1, volume: { ...volume }, entries: [], left: 0 },
  };
}

interface Volume {
  totalBytes: number;
  usedBytes: number;
  freeBytes: number;
}

const volumeLine = ({ totalBytes, usedBytes, freeBytes }: Volume): string =>
  `Disk: ${showBytes(totalBytes)} total, ${showBytes(usedBytes)} used, ${showBytes(freeBytes)} free.`;

/** The volume as `df` counts it: free is what an ordinary user may still fill. */
function volumeOf(path: string): Volume {
  const { blocks, bfree, bavail, bsize } = statfsSync(path);
  return { totalBytes: blocks * bsize, usedBytes: (blocks - bfree) * bsize, freeBytes: bavail * bsize };
}
