import type { CommandRow } from "./command.ts";
import { KEY_FLAGS } from "./commands/keys-flags.ts";

const JSON_FLAG = { name: "json", about: "The result as JSON." };
const JSONL = { name: "jsonl", about: "One JSON value a line in, one a line out." };

/** Every command, once. The file behind a row is imported only when the command is run. */
export const COMMANDS: readonly CommandRow[] = [
  {
    name: "run",
    usage: ['[options] "TASK"'],
    summary: "One task to its end. Piped input is added to the task.",
    scopes: ["all", "run"],
    load: () => import("./commands/run.ts"),
  },
  {
    name: "chat",
    usage: ["[options]"],
    summary: "An interactive session; /help in it says more. Piped, each line is a message.",
    scopes: ["all", "run"],
    load: () => import("./chat/index.ts"),
  },
  {
    name: "serve",
    usage: ["[options]"],
    summary: "The HTTP service.",
    scopes: ["all", "run", "serve"],
    // SIGTERM drains, SIGHUP reads the settings again.
    signals: ["SIGINT"],
    load: () => import("./commands/serve.ts"),
  },
  {
    name: "runs",
    usage: [
      "list",
      "show ID",
      "resume ID [options]",
      "cancel ID",
      "fork ID --at SEQ",
      "replay ID",
      "export ID",
    ],
    summary: "Runs in the journal: see them, resume, stop. ID: its beginning will do, or last.",
    scopes: ["all", "run"],
    flags: [
      { name: "limit", placeholder: "N", about: "How many runs `list` shows, newest first. (default: 20)" },
      {
        name: "at",
        placeholder: "SEQ",
        about: "Where `fork` parts: after the last whole step up to this event.",
      },
    ],
    load: () => import("./commands/runs.ts"),
  },
  {
    name: "tools",
    usage: ["list", "call NAME JSON", "schema FILE.ts", "freeze OUT.tools.json FILE.ts …"],
    summary: "Tools and their schemas; call one by hand.",
    scopes: ["all", "run"],
    load: () => import("./commands/tools.ts"),
  },
  {
    name: "mcp",
    usage: [""],
    summary: "Serves the tools over MCP on stdin and stdout, for other programs.",
    scopes: ["all", "run"],
    load: () => import("./commands/mcp.ts"),
  },
  {
    name: "models",
    usage: ["[--guide] [--fits]"],
    summary: "Models that can be used now, on each engine found; with --guide those worth fetching.",
    scopes: ["all", "run"],
    flags: [
      { name: "guide", about: "What is recommended, with sizes, licences, scores and their sources." },
      { name: "fits", about: "Only what this machine's memory holds." },
    ],
    load: () => import("./commands/models.ts"),
  },
  {
    name: "pull",
    usage: ["NAME", "hf:ORG/REPO[:QUANT]", "hf:ORG/REPO/FILE.gguf", "pocket"],
    summary: "Fetch a model: by Ollama, or a file of the model hub, resumed and checked.",
    scopes: ["all", "run"],
    load: () => import("./commands/pull.ts"),
  },
  {
    name: "doctor",
    usage: [""],
    summary: "What is there, what is wrong, how to mend it.",
    scopes: ["all", "run"],
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "config",
    usage: ["[--explain]"],
    summary: "Every setting and its value; with --explain where it came from.",
    scopes: ["all", "run", "serve"],
    flags: [
      { name: "explain", about: "Say where each value came from, and what it is for." },
      { name: "template", about: "Print a .env with every setting, commented out." },
      { name: "markdown", about: "Print the table of settings in docs/settings.md." },
    ],
    load: () => import("./commands/config.ts"),
  },
  {
    name: "trust",
    usage: ["DIR"],
    summary: "Let the settings in a workspace's own files count, as they stand now.",
    scopes: [],
    flags: [{ name: "json", about: "The result as JSON." }],
    load: () => import("./commands/trust.ts"),
  },
  {
    name: "stop",
    usage: ["[REASON]", "--lift", "--status"],
    summary: "Emergency stop: end what all your Hearth processes run, and start no tool until it is lifted.",
    scopes: [],
    flags: [
      { name: "lift", about: "Let tools run again." },
      { name: "status", about: "Say whether a stop holds, and do nothing." },
      JSON_FLAG,
    ],
    load: () => import("./commands/stop.ts"),
  },
  {
    name: "audit",
    usage: ["verify [FILE]"],
    summary: "Check the record of what tools did: whole, or where it was changed.",
    scopes: ["all"],
    load: () => import("./commands/audit.ts"),
  },
  {
    name: "sandbox",
    usage: ["reset"],
    summary: "Clear the packages and scratch files of sandboxed programs.",
    scopes: [],
    flags: [JSON_FLAG],
    load: () => import("./commands/sandbox.ts"),
  },
  {
    name: "keys",
    usage: ["create", "list", "revoke ID"],
    summary: "Keys of the service: made, shown once, ended. Where there is one, every request needs one.",
    scopes: ["all"],
    flags: KEY_FLAGS,
    load: () => import("./commands/keys.ts"),
  },
  {
    name: "engine",
    usage: ["install"],
    summary: "Fetch the embedded engine's native part, or its GPU pack, into your own folder.",
    scopes: ["all"],
    flags: [
      {
        name: "gpu",
        placeholder: "auto|cuda|vulkan",
        about: "A GPU pack in place of the processor's build.",
      },
      { name: "dry-run", about: "Only say what would be run." },
    ],
    load: () => import("./commands/engine.ts"),
  },
  {
    name: "formats",
    usage: ["list", "detect FILE", "render FILE", "parse FILE", "audit FILE"],
    summary: "The format layer by itself; - reads stdin.",
    scopes: [],
    flags: [{ name: "json", about: "JSON on stdout." }, JSONL],
    load: () => import("./commands/formats.ts"),
  },
  {
    name: "policy",
    usage: ["check FILE"],
    summary: "The judge of commands, paths and URLs by itself; - reads stdin.",
    scopes: ["all"],
    flags: [JSONL],
    load: () => import("./commands/policy.ts"),
  },
];
