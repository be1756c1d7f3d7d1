import { closeSync, constants, existsSync, openSync, renameSync, writeSync } from "node:fs";
import { type Tool, ToolError } from "hearth";
import { showName, WalkError, type Workspace } from "../confine/index.ts";
import { changing, given, placeFor } from "./place.ts";

const SHARED = {
  effect: "once",
  reads: "private",
  source: "trusted",
  egress: false,
} as const satisfies Partial<Tool>;

export function moveEntry(workspace: Workspace): Tool {
  return {
    name: "move",
    description: "Move or rename a file or folder. Never overwrites.",
    parameters: {
      type: "object",
      properties: {
        from: { type: "string", description: "The file or folder." },
        to: { type: "string", description: "Its new path, or an existing folder to move it into." },
      },
      required: ["from", "to"],
      additionalProperties: false,
    },
    ...SHARED,
    run: (args) =>
      changing(workspace, () => {
        using from = placeFor(workspace, given(args, "from"), { makeFolders: false });
        if (from.now === undefined) throw new WalkError("ENOENT", from.path, from.folder.path, from.name);
        const wanted = given(args, "to");
        using first = placeFor(workspace, wanted === "." ? from.name : wanted, { makeFolders: true });
        using to = first.now?.isDirectory()
          ? placeFor(workspace, `./${first.path}/${from.name}`, { makeFolders: false })
          : placeFor(workspace, `./${first.path}`, { makeFolders: false });
        if (to.now !== undefined)
          throw new ToolError(`"${showName(to.path)}" is there already.`, {
            remedy: "Choose another name, or delete it first.",
          });
        if (`${to.path}/`.startsWith(`${from.path}/`))
          throw new ToolError("A folder can't be moved into itself.");
        renameSync(from.folder.at(from.name), to.folder.at(to.name));
        return {
          content: `Moved ${showName(from.path)} to ${showName(to.path)}.`,
          details: { from: from.path, to: to.path },
        };
      }),
  };
}

/** Where deleted things go, in the workspace, kept out of git. */
const TRASH = [".hearth", "trash"] as const;

export function deleteEntry(workspace: Workspace): Tool {
  return {
    name: "delete",
    description:
      "Delete a file or folder. It goes to the trash (.hearth/trash), from which a person can take it back.",
    parameters: {
      type: "object",
      properties: { path: { type: "string", description: "The file or folder." } },
      required: ["path"],
      additionalProperties: false,
    },
    ...SHARED,
    run: (args) =>
      changing(workspace, () => {
        using place = placeFor(workspace, given(args, "path"), { makeFolders: false });
        if (place.now === undefined) throw new WalkError("ENOENT", place.path, place.folder.path, place.name);
        using trash = openTrash(workspace);
        const stamp = new Date().toISOString().replace(/[:.]/g, "-");
        let name = `${stamp}-${place.name}`.slice(0, 200);
        for (let count = 2; existsSync(trash.at(name)); count++)
          name = `${stamp}-${count}-${place.name}`.slice(0, 200);
        renameSync(place.folder.at(place.name), trash.at(name));
        const kept = `${TRASH.join("/")}/${name}`;
        return {
          content: `Deleted ${showName(place.path)}; it is kept as ${showName(kept)}.`,
          details: { path: place.path, trash: kept },
        };
      }),
  };
}

function openTrash(workspace: Workspace) {
  using root = workspace.openRoot();
  using own = root.make(TRASH[0]);
  if (!existsSync(own.at(".gitignore"))) {
    const fd = openSync(
      own.at(".gitignore"),
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
      0o644,
    );
    try {
      writeSync(fd, "*\n");
    } finally {
      closeSync(fd);
    }
  }
  return own.make(TRASH[1]);
}
