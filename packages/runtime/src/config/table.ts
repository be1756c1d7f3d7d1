import { ENGINE_PORTS, readAddress, readEngine } from "./address.ts";
import { GUARDS } from "./guards.ts";
import { httpLimits } from "./http.ts";
import { POCKET_SETTINGS } from "./pocket.ts";
import { queueSettings } from "./queue.ts";
import { anyValue, localModelName, loopbackEngine, lowerOnly } from "./rules.ts";
import {
  type Alias,
  type Base,
  choice,
  decimal,
  integer,
  lines,
  list,
  path,
  placed,
  type Setting,
  text,
  toggle,
} from "./setting.ts";
import { upstreamSettings } from "./upstreams.ts";

/** `DEBUG` belongs to many programs: only plain words of yes and no, `*` and `hearth` are meant for this one. */
const DEBUG_ALIAS: Alias<boolean> = {
  name: "DEBUG",
  read: (raw) => ({ ok: true, value: /^(1|true|yes|on|\*|hearth.*)$/i.test(String(raw).trim()) }),
};

const address = (about: string, port: number, names: readonly string[]): Setting<string | undefined> => ({
  about,
  default: undefined,
  defaultText: port === 0 ? "none" : `http://127.0.0.1:${port}`,
  scope: "none",
  placeholder: "URL",
  aliases: names.map((name) => ({ name })),
  workspace: (value) => (value === undefined ? undefined : loopbackEngine(value)),
  read(raw) {
    const value = typeof raw === "string" ? readAddress(raw, port === 0 ? 80 : port) : undefined;
    return value === undefined ? { ok: false, expected: "an http or https URL" } : { ok: true, value };
  },
});

/** Whether a journal is a database rather than a file. */
export const isDatabase = (journal: string): boolean => /^postgres(ql)?:\/\//i.test(journal);

/**
 * Every setting, once. Names in the environment (`HEARTH_MAX_STEPS`), in files (`maxSteps`), flags (`--max-steps`), help,
 * `.env.template`, `docs/settings.md` and what a workspace may set all follow from these rows.
 */
export const SETTINGS = {
  engine: {
    about:
      "The engine: auto, embedded, ollama, lmstudio, llama-server, vllm, or a URL. auto never leaves this machine.",
    default: "auto",
    scope: "run",
    placeholder: "auto|NAME|URL",
    workspace: loopbackEngine,
    read: readEngine,
  } satisfies Setting<string>,
  wire: choice({
    about: "What a URL speaks; found out by asking it when left away.",
    choices: ["auto", "ollama", "openai"],
    default: "auto",
    scope: "run",
  }),
  model: text<string | undefined>({
    about: "The model: NAME, ENGINE/NAME or FILE.gguf.",
    default: undefined,
    defaultText: "the first that can call tools",
    scope: "run",
    short: "m",
    placeholder: "NAME",
    aliases: [{ name: "MODEL_NAME" }],
    workspace: localModelName,
  }),
  workspace: path({
    about: "The folder that tools work in.",
    default: ".",
    defaultText: "the current folder",
    scope: "all",
    placeholder: "DIR",
  }),
  system: {
    ...text<string | undefined>({
      about: "Instructions for the model: a text, or @FILE.",
      default: undefined,
      defaultText: "short ones of Hearth's own",
      scope: "run",
      short: "s",
      placeholder: "TEXT|@FILE",
    }),
    at: (value: string | undefined, base: Base) =>
      value?.startsWith("@") ? `@${placed(value.slice(1), base)}` : value,
  },
  schema: path<string | undefined>({
    about: "A file with a JSON Schema: the answer is JSON of it.",
    default: undefined,
    defaultText: "none",
    scope: "run",
  }),
  tools: list({
    about:
      "Tools by name; +edit, +shell, +web add presets to the default ones, +ask lets the model ask you; none leaves all away.",
    default: [],
    defaultText: "the file tools, which only read",
    scope: "run",
  }),
  toolModule: list({
    about: "Files of tools: each exported function is one. They run with your rights.",
    default: [],
    defaultText: "none",
    scope: "run",
    placeholder: "FILE.ts",
    paths: true,
  }),
  mcp: lines({
    about: "MCP servers: a command or a URL each. They run with your rights.",
    default: [],
    defaultText: "none",
    scope: "run",
    placeholder: "COMMAND",
  }),
  maxSteps: integer({
    about: "Steps a run may take; the last one must answer.",
    default: 15,
    scope: "run",
    range: { min: 1, max: 10000 },
    workspace: lowerOnly,
  }),
  maxParallel: integer({
    about: "Tool calls that run at the same time.",
    default: 5,
    scope: "run",
    range: { min: 1, max: 64 },
    workspace: lowerOnly,
  }),
  toolTimeout: decimal({
    about: "Time one tool call may take.",
    default: 60,
    unit: "seconds",
    scope: "run",
    placeholder: "S",
    range: { min: 0.001, max: 300 },
    workspace: lowerOnly,
  }),
  timeout: decimal<number | undefined>({
    about: "Time the whole run may take.",
    default: undefined,
    defaultText: "none",
    unit: "seconds",
    scope: "run",
    placeholder: "S",
    range: { min: 0.001, max: 2_000_000 },
    workspace: lowerOnly,
  }),
  retries: integer({
    about: "Attempts for a request that fails for a passing reason, the first one counted.",
    default: 3,
    scope: "none",
    range: { min: 1, max: 20 },
    workspace: lowerOnly,
  }),
  temperature: decimal<number | undefined>({
    about: "Chance in the model's choice of words, 0 to 2.",
    default: undefined,
    defaultText: "the model's profile, else 0.1",
    scope: "run",
    range: { min: 0, max: 2 },
    workspace: anyValue,
  }),
  context: integer<number | undefined>({
    about: "Tokens of the window.",
    default: undefined,
    defaultText: "the window already loaded if that is 8192 or more, else what fits, up to 16384",
    unit: "tokens",
    scope: "run",
    range: { min: 256, max: 16_777_216 },
    workspace: anyValue,
  }),
  contextPolicy: choice({
    about: "What to do when the window fills.",
    choices: ["default", "rolling", "summary", "topic"],
    default: "default",
    scope: "run",
  }),
  contextThreshold: decimal<number | undefined>({
    about: "Share of the window at which the prompt is shortened, 0.1 to 0.95.",
    default: undefined,
    defaultText: "the policy's own: 0.8, else 0.9",
    scope: "run",
    range: { min: 0.1, max: 0.95 },
  }),
  think: choice({
    about: "Whether the model thinks before it answers.",
    choices: ["auto", "on", "off"],
    default: "auto",
    scope: "run",
    workspace: anyValue,
  }),
  seed: integer<number | undefined>({
    about: "The seed of the model's chance.",
    default: undefined,
    defaultText: "by chance",
    scope: "run",
    range: { min: 0, max: 4_294_967_295 },
  }),
  journal: path<string | undefined>({
    about:
      "The file that holds the log of runs, or postgres://USER@HOST/DATABASE for several machines; none keeps it in memory.",
    default: undefined,
    defaultText: "a file in the user's state directory",
    scope: "run",
    placeholder: "FILE|URL|none",
    plain: (value) => value === "none" || isDatabase(value),
  }),
  ...GUARDS,
  ...POCKET_SETTINGS,
  "ollama.url": address("Where Ollama is.", ENGINE_PORTS.ollama, ["OLLAMA_HOST"]),
  "openai.url": address("Where a server that speaks OpenAI's wire is.", 0, [
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE",
  ]),
  apiKey: text<string | undefined>({
    about:
      "The key for the engine that you name (never sent to one that was found, or named by a workspace).",
    default: undefined,
    defaultText: "a dummy",
    scope: "none",
    secret: true,
    aliases: [{ name: "OPENAI_API_KEY" }],
  }),
  host: text<string>({
    about: "The address to listen on.",
    default: "127.0.0.1",
    scope: "serve",
    placeholder: "ADDRESS",
  }),
  port: integer({
    about: "The port to listen on.",
    default: 4141,
    scope: "serve",
    range: { min: 0, max: 65535 },
  }),
  ...queueSettings,
  ...upstreamSettings,
  allowHost: list({
    about: "Host names beside loopback that requests may be addressed to.",
    default: [],
    defaultText: "none",
    scope: "serve",
    placeholder: "NAME",
  }),
  allowOrigin: list({
    about: "Origins whose pages may ask this service and read its answers; none else may.",
    default: [],
    defaultText: "none",
    scope: "serve",
    placeholder: "ORIGIN",
  }),
  keysFile: path<string | undefined>({
    about: "The file that holds the hashes of the service's keys.",
    default: undefined,
    defaultText: "keys.json in the user's state directory",
    scope: "none",
  }),
  ...httpLimits,
  workerHost: text({
    about: "Where other workers that share the journal reach this one: a name or address of this machine.",
    default: "127.0.0.1",
    scope: "serve",
    placeholder: "HOST",
  }),
  log: choice({
    about: "How the service writes its log to stderr: for people, or a JSON value a line.",
    choices: ["text", "json"],
    default: "text",
    scope: "serve",
  }),
  logLevel: choice({
    about: "What the log holds at least: error, warn, info (each request and run), debug.",
    choices: ["auto", "error", "warn", "info", "debug"],
    default: "auto",
    defaultText: "info as JSON, warn as text",
    scope: "serve",
  }),
  slowStep: decimal({
    about: "Steps, tools, answers and waits that take longer are named in the log; 0 names none.",
    default: 30,
    unit: "seconds",
    scope: "serve",
    placeholder: "S",
    range: { min: 0, max: 86_400 },
  }),
  drain: decimal({
    about: "How long SIGTERM lets runs come to their end; what goes on then is taken up at the next start.",
    default: 30,
    unit: "seconds",
    scope: "serve",
    placeholder: "S",
    range: { min: 0, max: 3600 },
  }),
  continue: toggle({
    about: "Go on with the last session of this workspace (chat and run).",
    default: false,
    scope: "run",
    short: "c",
  }),
  debug: toggle({
    about:
      "Log whole prompts and tool results, secrets masked, to stderr or the log file; stacks with errors.",
    default: false,
    scope: "all",
    aliases: [DEBUG_ALIAS],
  }),
  logFile: path<string | undefined>({
    about: "Where the debug log goes.",
    default: undefined,
    defaultText: "stderr",
    scope: "none",
  }),
  json: toggle({
    about: "One JSON value a line on stdout, and nothing else there.",
    default: false,
    scope: "all",
  }),
  config: path<string | undefined>({
    about: "One more file of settings, above the environment and below flags.",
    default: undefined,
    defaultText: "none",
    scope: "all",
  }),
} as const;

type Table = typeof SETTINGS;
export type SettingKey = keyof Table;
type ValueOf<S> = S extends { read(raw: never): infer R }
  ? R extends { ok: true; value: infer V }
    ? V
    : never
  : never;

/** Every setting with its value, by key. */
export type Settings = { readonly [K in SettingKey]: ValueOf<Table[K]> | Table[K]["default"] };

export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];

/** The row of a key, where its value's type does not matter. */
export function settingOf(key: SettingKey): Setting<unknown> {
  return SETTINGS[key];
}
