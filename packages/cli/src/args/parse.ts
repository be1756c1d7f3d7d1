import { parseArgs } from "node:util";
import { nearest, type SettingKey } from "@hearth/runtime";
import { UsageError } from "hearth";
import type { Flag } from "./flags.ts";

/** What the command line says, for the settings: in the shape of the other sources. */
export interface FlagEntry {
  name: string;
  key: SettingKey;
  raw: string | boolean | string[];
}

export interface Parsed {
  positionals: string[];
  /** Flags that set settings. */
  settings: FlagEntry[];
  /** The command's own flags, by name: the last value given (all of them with commas, where it may repeat), or true. */
  own: ReadonlyMap<string, string | true>;
  help: boolean;
}

/**
 * Reads a command's arguments.
 * @throws UsageError for a flag that is unknown (naming the nearest), lacks its value, or has one it does not take
 */
export function parseFlags(args: readonly string[], flags: readonly Flag[], command: string): Parsed {
  const options = Object.fromEntries(
    flags.map((flag) => [
      flag.name,
      {
        type: flag.placeholder === undefined ? ("boolean" as const) : ("string" as const),
        ...(flag.short === undefined ? {} : { short: flag.short }),
      },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const parsed: Parsed = { positionals: [], settings: [], own: new Map(), help: false };
  const own = new Map<string, string | true>();
  const values = new Map<Flag, string[]>();
  for (const token of tokens) {
    if (token.kind === "positional") parsed.positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = flags.find((one) => one.name === token.name);
    if (flag === undefined) throw unknownFlag(token.rawName, flags, command);
    const value = checkedValue(flag, token.rawName, token.value, token.inlineValue ?? false);
    if (flag.name === "help") parsed.help = true;
    else if (flag.key === undefined) own.set(flag.name, together(flag, own.get(flag.name), value));
    else values.set(flag, [...(values.get(flag) ?? []), value ?? "true"]);
  }
  for (const [flag, given] of values)
    if (flag.key !== undefined) parsed.settings.push(entryOf(flag, flag.key, given));
  return { ...parsed, own };
}

/** The last value counts; those of a flag that may be given several times stand in one text, with commas. */
function together(flag: Flag, before: string | true | undefined, value: string | undefined): string | true {
  if (value === undefined) return true;
  return flag.repeats === true && typeof before === "string" ? `${before},${value}` : value;
}

function entryOf(flag: Flag, key: SettingKey, given: string[]): FlagEntry {
  const name = `--${flag.name}`;
  if (flag.placeholder === undefined) return { name, key, raw: true };
  if (flag.repeats === "lines") return { name, key, raw: given };
  if (flag.repeats) return { name, key, raw: given.flatMap((value) => value.split(",")) };
  return { name, key, raw: given.at(-1) ?? "" };
}

function checkedValue(
  flag: Flag,
  written: string,
  value: string | undefined,
  inline: boolean,
): string | undefined {
  if (flag.placeholder === undefined) {
    if (value === undefined) return undefined;
    throw new UsageError(`${written} takes no value.`, { remedy: `Write ${written} alone.` });
  }
  const looksLikeFlag = !inline && value !== undefined && /^-[^\d.]/.test(value);
  if (value === undefined || looksLikeFlag) {
    throw new UsageError(`${written} needs a value: ${written} ${flag.placeholder}.`, {
      remedy: looksLikeFlag ? `If "${value}" is the value, write --${flag.name}=${value}.` : "Add one.",
    });
  }
  return value;
}

function unknownFlag(written: string, flags: readonly Flag[], command: string): UsageError {
  const near = nearest(
    written.replace(/^-+/, ""),
    flags.map((flag) => flag.name),
  );
  const meant = near?.close ? `; the nearest is --${near.name}` : "";
  return new UsageError(`There is no flag ${written} for hearth ${command}${meant}.`, {
    remedy: `\`hearth ${command} --help\` lists them all.`,
  });
}
