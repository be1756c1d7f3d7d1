import { environmentName, flagName } from "./names.ts";
import { defaultText } from "./resolve.ts";
import { SETTING_KEYS, type SettingKey, settingOf } from "./table.ts";

/** What a file of the workspace may do with a setting, in words. */
function workspaceWord(key: SettingKey): string {
  return settingOf(key).workspace === undefined ? "no" : (WORDS[key] ?? "tighter only");
}

const WORDS: Partial<Record<SettingKey, string>> = {
  engine: "on this machine",
  "ollama.url": "on this machine",
  "openai.url": "on this machine",
  model: "a name, no file",
  temperature: "yes",
  context: "yes",
  think: "yes",
};

function headline(key: SettingKey): string {
  const { about, unit } = settingOf(key);
  return unit === undefined ? about : `${about} In ${unit}.`;
}

/** The text of `.env.template`. */
export function envTemplate(): string {
  const lines = [
    "# Settings of Hearth as variables; made from the table of settings by `hearth config --template`.",
    "# In a workspace's own .env only those marked [workspace] count, the others after `hearth trust DIR`;",
    "# in the environment, all. docs/settings.md says more.",
  ];
  for (const key of SETTING_KEYS) {
    const row = settingOf(key);
    const word = workspaceWord(key);
    lines.push("", `# ${headline(key)}`);
    const also = (row.aliases ?? []).map((alias) => alias.name).join(", ");
    const notes = [
      `Default: ${defaultText(key)}.`,
      ...(also === "" ? [] : [`Also read: ${also}.`]),
      ...(word === "no" ? [] : [`[workspace: ${word}]`]),
    ];
    lines.push(`# ${notes.join(" ")}`, `# ${environmentName(key)}=`);
  }
  return `${lines.join("\n")}\n`;
}

/** The table of `docs/settings.md`. */
export function settingsTable(): string {
  const cell = (value: string): string => value.replaceAll("|", "\\|");
  const rows = SETTING_KEYS.map((key) => {
    const row = settingOf(key);
    const flag = flagName(key);
    const names = [
      `\`${key}\``,
      `\`${environmentName(key)}\``,
      ...(row.aliases ?? []).map((alias) => `\`${alias.name}\``),
      ...(flag === undefined ? [] : [`\`--${flag}\`${row.short === undefined ? "" : `, \`-${row.short}\``}`]),
    ];
    const scope = row.scope === "serve" ? " (`serve`)" : "";
    return `| ${names.join("<br>")} | ${cell(headline(key))}${scope} | ${cell(defaultText(key))} | ${workspaceWord(key)} |`;
  });
  return [
    "| name, variable, flag | what | default | from a workspace's own file |",
    "|---|---|---|---|",
    ...rows,
  ].join("\n");
}
