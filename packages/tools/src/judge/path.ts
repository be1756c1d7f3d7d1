import { lstatSync } from "node:fs";
import { ToolError } from "hearth";
import { explainWalk, parsePath, teach, WalkError, Workspace } from "../confine/index.ts";
import { allow, deny, type Judgement } from "./types.ts";

export interface PathOptions {
  /** `read` (default) or `write`. */
  mode?: "read" | "write";
  /** Absolute. Default: the current folder. */
  workspace?: string;
}

/**
 * Files that something else runs or believes later: a model must not write them, even where it may write.
 * Git's hooks and settings, shells' and editors' start files, settings of tool servers, and Hearth's own.
 */
const EXECUTED_LATER: readonly RegExp[] = [
  /^(?:\.git|\.hg|\.svn|\.jj)$/,
  /^\.(?:vscode|idea|husky|devcontainer|cursor|claude|codex|zed|fleet)$/,
  /^\.(?:bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|zshenv|zprofile|zlogin|kshrc|cshrc|tcshrc|login|inputrc|xinitrc|xprofile)$/,
  /^\.(?:gitconfig|gitmodules|gitattributes|ripgreprc|mcp\.json|envrc|npmrc|yarnrc|yarnrc\.yml|pypirc|netrc|vimrc|exrc|nvimrc|emacs|gdbinit|lldbinit|screenrc|tmux\.conf|curlrc|wgetrc|pre-commit-config\.yaml)$/,
  /^\.(?:ssh|gnupg|aws|kube|docker)$/,
  /^(?:\.env(?:\..*)?|hearth\.config\.[a-z]+|\.hearth)$/,
  /^git~\d+$/,
];

/** Hearth's own folders, where the workspace is a home: settings, keys of the service, trust, the audit, journals. */
const OWN_FOLDERS = /(?:^|\/)(?:\.config|\.local\/(?:state|share))\/hearth$/;

/** The part of a path that must not be written, or undefined. Names are compared without case. */
export function protectedPart(parts: readonly string[]): string | undefined {
  const names = parts.map((part) =>
    part
      .toLowerCase()
      .normalize("NFKC")
      .replace(/[\p{Cf}]/gu, ""),
  );
  const at = names.findIndex(
    (name, i) =>
      EXECUTED_LATER.some((rule) => rule.test(name)) ||
      (name === "hearth" && OWN_FOLDERS.test(names.slice(0, i + 1).join("/"))),
  );
  return parts[at];
}

/**
 * Judges a path: by its words, then by what stands there now. Links, special files and hard links are refused;
 * a file that is not there yet is allowed. The tools check again while they open, so nothing rests on this being current.
 */
export function judgePath(input: string, options: PathOptions = {}): Judgement {
  const root = options.workspace ?? process.cwd();
  const words = parsePath(input, [root]);
  if (!isFolder(root)) {
    // A workspace that is not there: the words alone decide.
    if ("fault" in words) return deny(`${words.fault} ${words.remedy}`);
    return afterWords(words.parts, options);
  }
  const workspace = new Workspace(root);
  let parts: string[];
  try {
    parts = workspace.parts(input);
    using found = at(workspace, input);
    void found;
  } catch (error) {
    if (error instanceof WalkError && error.code === "ENOENT")
      return afterWords(workspace.parts(input), options);
    const told = explainWalk(error, workspace, "file");
    if (!(told instanceof ToolError)) throw told;
    return deny(teach(told));
  }
  return afterWords(parts, options);
}

/** Opens what the path names, file or folder. */
function at(workspace: Workspace, input: string): Disposable {
  try {
    return workspace.openFile(input);
  } catch (error) {
    if (error instanceof WalkError && error.code === "EISDIR") return workspace.openFolder(input);
    throw error;
  }
}

function afterWords(parts: readonly string[], options: PathOptions): Judgement {
  if (options.mode !== "write") return allow("The path is in the workspace.");
  if (parts.length === 0) return deny("This is the workspace itself, not a file.");
  const bad = protectedPart(parts);
  if (bad !== undefined) {
    return deny(`"${bad}" is run or believed by other programs later, so it must not be written here.`);
  }
  if (parts.some((part) => /[\p{Cc}\p{Cf}]/u.test(part)))
    return deny("A new name must have no control or invisible characters.");
  return allow("The path is in the workspace, and nothing else runs it by itself.");
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
