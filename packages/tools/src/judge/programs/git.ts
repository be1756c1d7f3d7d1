import { judgePathWord, judgeWords, type Kind, type Program } from "../options.ts";

type Long = Record<string, Kind | false | "optional">;

const longs = (...names: string[]): Long =>
  Object.fromEntries(names.map((name) => [`--${name}`, false as const]));

/** What log, show and diff share: how changes are shown. */
const DIFF: Long = {
  ...longs(
    "stat",
    "shortstat",
    "numstat",
    "summary",
    "name-only",
    "name-status",
    "patch",
    "no-patch",
    "no-color",
    "cached",
    "staged",
  ),
  ...longs(
    "ignore-all-space",
    "ignore-space-change",
    "ignore-blank-lines",
    "word-diff",
    "minimal",
    "patience",
    "histogram",
    "raw",
    "check",
    "full-index",
    "no-renames",
    "no-prefix",
    "exit-code",
    "quiet",
    "merge-base",
  ),
  "--unified": "number",
  "--color": "optional",
  "--diff-filter": "text",
  "--dirstat": "optional",
  "--find-renames": "optional",
  "--abbrev": "optional",
};

const LOG: Long = {
  ...DIFF,
  ...longs(
    "oneline",
    "graph",
    "all",
    "decorate",
    "no-decorate",
    "merges",
    "no-merges",
    "first-parent",
    "reverse",
    "follow",
    "abbrev-commit",
    "branches",
    "tags",
    "remotes",
    "date-order",
    "topo-order",
    "left-right",
    "cherry",
    "relative-date",
    "parents",
  ),
  "--max-count": "number",
  "--skip": "number",
  "--since": "text",
  "--until": "text",
  "--after": "text",
  "--before": "text",
  "--author": "text",
  "--committer": "text",
  "--grep": "text",
  "--format": "text",
  "--pretty": "optional",
  "--date": "text",
};

const DIFF_SHORT = {
  flags: "pswbzRa",
  values: { U: "number", S: "text", G: "text", M: "text", C: "text" } as const,
};

/** Sub-commands that only look, with their options. Operands are revisions or paths in the workspace. */
const SUB: Readonly<Record<string, Program>> = {
  status: {
    flags: "sbvz",
    values: { u: "text" },
    long: {
      ...longs("short", "branch", "long", "show-stash", "ahead-behind", "renames", "no-renames"),
      "--porcelain": "optional",
      "--untracked-files": "optional",
      "--ignored": "optional",
    },
    operands: ["path"],
  },
  diff: { ...DIFF_SHORT, long: DIFF, operands: ["path"] },
  log: {
    flags: `${DIFF_SHORT.flags}i`,
    values: { ...DIFF_SHORT.values, n: "number", L: "text" },
    digits: true,
    long: LOG,
    operands: ["path"],
  },
  show: { ...DIFF_SHORT, long: LOG, operands: ["path"] },
  shortlog: {
    flags: "nse",
    long: {
      ...longs("numbered", "summary", "email", "all", "no-merges"),
      "--since": "text",
      "--until": "text",
    },
    operands: ["path"],
  },
  branch: {
    flags: "arv",
    long: { ...longs("all", "remotes", "list", "show-current", "verbose"), "--sort": "text" },
    operands: [],
  },
  tag: { flags: "l", long: { ...longs("list"), "--sort": "text" }, operands: [] },
  remote: { flags: "v", operands: [] },
  blame: {
    flags: "eflnstw",
    values: { L: "text" },
    long: { ...longs("line-porcelain", "porcelain", "show-email", "root"), "--date": "text" },
    operands: ["path"],
  },
  describe: {
    long: { ...longs("tags", "always", "all", "dirty", "long"), "--abbrev": "optional" },
    operands: ["path"],
  },
  "rev-parse": {
    long: {
      ...longs("show-toplevel", "show-prefix", "is-inside-work-tree", "verify", "git-dir"),
      "--short": "optional",
      "--abbrev-ref": "optional",
    },
    operands: ["path"],
  },
  "rev-list": {
    flags: "",
    digits: true,
    values: { n: "number" },
    long: { ...longs("count", "all", "no-merges"), "--max-count": "number", "--since": "text" },
    operands: ["path"],
  },
  "ls-files": {
    flags: "cdmosz",
    long: {
      ...longs("cached", "deleted", "modified", "others", "stage", "exclude-standard"),
      "--exclude": "text",
    },
    operands: ["path"],
  },
  "ls-tree": { flags: "rdtlz", long: longs("name-only", "full-name", "long"), operands: ["path"] },
  "cat-file": { flags: "tspe", operands: ["path"], most: 1 },
  grep: {
    flags: "EFGPIaceHhiLlnoqrvwz",
    values: { e: "text", A: "number", B: "number", C: "number", m: "number" },
    long: longs(
      "line-number",
      "ignore-case",
      "count",
      "name-only",
      "files-with-matches",
      "word-regexp",
      "fixed-strings",
      "extended-regexp",
      "cached",
      "untracked",
      "heading",
      "break",
    ),
    patternBy: ["-e"],
    operands: ["text", "path"],
  },
};

/** Put in front, so that settings of a cloned repository start no program: no monitor, hook, pager, viewer, or foreign diff. */
const SAFE = [
  "--no-pager",
  "--no-optional-locks",
  // Inside, files of other users belong to nobody, which git would not trust; here it can't do harm.
  "-c",
  "safe.directory=*",
  "-c",
  "core.fsmonitor=false",
  "-c",
  "core.hooksPath=/dev/null",
  "-c",
  "log.showSignature=false",
  "-c",
  "gpg.program=false",
  "-c",
  "core.sshCommand=false",
  "-c",
  "credential.helper=",
  "-c",
  "protocol.allow=never",
];
const NO_EXTERNAL = new Set(["diff", "log", "show"]);

export const git: Program = {
  operands: [],
  own(words, context) {
    const [name, ...rest] = words;
    if (name === "--version" && rest.length === 0) return undefined;
    if (name === undefined) return "git needs a sub-command.";
    const sub = Object.hasOwn(SUB, name) ? SUB[name] : undefined;
    if (sub === undefined) {
      return name.startsWith("-")
        ? "git takes no options before its sub-command here."
        : `git ${name.slice(0, 40)} is not on the list of sub-commands that only look.`;
    }
    if (rest.some((word) => /%G/.test(word)))
      return "Signatures are checked by another program, so %G is not allowed.";
    const fault = judgeWords(`git ${name}`, sub, rest, context);
    if (fault !== undefined) return fault;
    // "HEAD:path" names a file in a commit; the path must be as harmless as any.
    for (const word of rest) {
      const inner = /^[^-][^:]*:(.+)$/.exec(word)?.[1];
      const bad = name === "show" && inner !== undefined ? judgePathWord(inner, context) : undefined;
      if (bad !== undefined) return bad;
    }
    return undefined;
  },
  rewrite(words) {
    const [name = "", ...rest] = words;
    if (name === "--version") return [...words];
    const more = NO_EXTERNAL.has(name)
      ? ["--no-ext-diff", "--no-textconv"]
      : name === "blame" || name === "grep"
        ? ["--no-textconv"]
        : [];
    return [...SAFE, name, ...more, ...rest];
  },
};
