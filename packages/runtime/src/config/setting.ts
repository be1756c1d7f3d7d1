import { resolve } from "node:path";
import { isObject, type JsonValue } from "hearth";

/** What reading a raw value gives: the value, or what was expected in its place. */
export type Reading<T> = { ok: true; value: T } | { ok: false; expected: string };

/**
 * Which commands take a setting as a flag: `all` every command, `run` those that drive a model, `serve` the service only,
 * `none` no flag at all (secrets would be seen in the list of processes).
 */
export type Scope = "all" | "run" | "serve" | "none";

/** Another name of the field for the same thing, read from the environment and `.env`. */
export interface Alias<T> {
  name: string;
  /** Where its words differ from the setting's own. `undefined`: as if it were not set. */
  read?(raw: JsonValue): Reading<T> | undefined;
}

/** One row of the table of settings. */
export interface Setting<T> {
  /** One line, for help, `.env.template` and `docs/settings.md`. */
  about: string;
  default: T;
  scope: Scope;
  /** Shown in help instead of the default where that is computed. */
  defaultText?: string;
  /** How the value is written in help: `N`, `FILE`. Absent: a switch. */
  placeholder?: string;
  unit?: string;
  short?: string;
  /** May be given several times; `lines`: a value may hold commas, so one text holds one value a line. */
  repeats?: true | "lines";
  secret?: true;
  aliases?: readonly Alias<T>[];
  /**
   * May a file found in the workspace set this value, where `base` is what trusted sources say? Answers why not.
   * Absent: never. A cloned repository brings its own files, so the rule is the design's law on trust.
   */
  workspace?(value: T, base: T): string | undefined;
  read(raw: JsonValue): Reading<T>;
  /** Paths in a value are meant from the folder of the file that names them. */
  at?(value: T, base: Base): T;
}

/** From where the paths of one source are meant. */
export interface Base {
  folder: string;
  /** What `~` stands for. */
  home: string;
}

type Common<T> = Omit<Setting<T>, "read" | "default" | "workspace"> & {
  default: T;
  workspace?: (value: NoInfer<T>, base: NoInfer<T>) => string | undefined;
};

const good = <T>(value: T): Reading<T> => ({ ok: true, value });
const bad = (expected: string): { ok: false; expected: string } => ({ ok: false, expected });

export interface Range {
  min: number;
  max?: number;
}

function inRange(value: number, { min, max }: Range): boolean {
  return Number.isFinite(value) && value >= min && (max === undefined || value <= max);
}

function rangeText(kind: string, { min, max }: Range): string {
  return max === undefined ? `${kind} of ${min} or more` : `${kind} from ${min} to ${max}`;
}

function numeric(raw: JsonValue): number {
  if (typeof raw === "number") return raw;
  return typeof raw === "string" && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(raw.trim())
    ? Number(raw)
    : Number.NaN;
}

export function integer<T extends number | undefined>(
  row: Common<T> & { range: Range },
): Setting<T | number> {
  const { range, ...rest } = row;
  return {
    placeholder: "N",
    ...rest,
    read(raw) {
      const value = numeric(raw);
      return Number.isSafeInteger(value) && inRange(value, range)
        ? good(value)
        : bad(rangeText("a whole number", range));
    },
  };
}

export function decimal<T extends number | undefined>(
  row: Common<T> & { range: Range },
): Setting<T | number> {
  const { range, ...rest } = row;
  return {
    placeholder: "X",
    ...rest,
    read(raw) {
      const value = numeric(raw);
      return inRange(value, range) ? good(value) : bad(rangeText("a number", range));
    },
  };
}

const WORDS: Record<string, boolean> = {
  true: true,
  yes: true,
  on: true,
  "1": true,
  false: false,
  no: false,
  off: false,
  "0": false,
};

export function readSwitch(raw: JsonValue): Reading<boolean> {
  const value = typeof raw === "boolean" ? raw : WORDS[String(raw).trim().toLowerCase()];
  return value === undefined ? bad("true or false") : good(value);
}

export function toggle(row: Common<boolean>): Setting<boolean> {
  return { ...row, read: readSwitch };
}

export function choice<const C extends string>(
  row: Omit<Common<C>, "default"> & { default: NoInfer<C>; choices: readonly C[] },
): Setting<C> {
  const { choices, ...rest } = row;
  return {
    placeholder: choices.join("|"),
    ...rest,
    read(raw) {
      const word = typeof raw === "boolean" ? (raw ? "on" : "off") : String(raw).trim().toLowerCase();
      const found = choices.find((name) => name === word);
      return found === undefined ? bad(`one of ${choices.join(", ")}`) : good(found);
    },
  };
}

export function text<T extends string | undefined>(row: Common<T>): Setting<T | string> {
  return {
    placeholder: "TEXT",
    ...row,
    read: (raw) => (typeof raw === "string" ? good(raw) : bad("a text")),
  };
}

/** A path, meant from the folder of the file that names it; `plain` tells values that are no path. */
export function path<T extends string | undefined>(
  row: Common<T> & { plain?: (value: string) => boolean },
): Setting<T | string> {
  const { plain = () => false, ...rest } = row;
  return {
    placeholder: "FILE",
    ...rest,
    read: (raw) => (typeof raw === "string" && raw !== "" ? good(raw) : bad("a path")),
    at: (value, base) => (value === undefined || plain(value) ? value : placed(value, base)),
  };
}

export function list(row: Common<readonly string[]> & { paths?: boolean }): Setting<readonly string[]> {
  const { paths, ...rest } = row;
  const setting: Setting<readonly string[]> = {
    placeholder: "NAMES",
    repeats: true,
    ...rest,
    read(raw) {
      const items = typeof raw === "string" ? raw.split(",") : raw;
      if (!Array.isArray(items) || isObject(items)) return bad("a list of texts, or one text with commas");
      const names: string[] = [];
      for (const item of items) {
        if (typeof item !== "string") return bad("a list of texts");
        if (item.trim() !== "") names.push(item.trim());
      }
      return good(names);
    },
  };
  if (paths) setting.at = (value, base) => value.map((item) => placed(item, base));
  return setting;
}

/** A list of texts that may hold commas (commands); one text holds one of them a line. */
export function lines(row: Common<readonly string[]>): Setting<readonly string[]> {
  return {
    placeholder: "TEXT",
    repeats: "lines",
    ...row,
    read(raw) {
      const items = typeof raw === "string" ? raw.split("\n") : raw;
      if (!Array.isArray(items)) return bad("a list of texts, or one text with a line for each");
      const texts: string[] = [];
      for (const item of items) {
        if (typeof item !== "string") return bad("a list of texts");
        if (item.trim() !== "") texts.push(item.trim());
      }
      return good(texts);
    },
  };
}

/** An absolute path; `~` is the user's home. */
export function placed(file: string, { folder, home }: Base): string {
  return resolve(folder, file === "~" || file.startsWith("~/") ? home + file.slice(1) : file);
}
