export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogForm = "text" | "json";

/** What stands beside the message. No prompt, no answer, no argument of a tool. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  write(level: LogLevel, message: string, fields?: LogFields): void;
  enabled(level: LogLevel): boolean;
  /** What is less grave is left out. */
  level: LogLevel;
}

export interface LogOptions {
  form: LogForm;
  level: LogLevel;
  /** Takes whole lines. */
  write(line: string): void;
  /** Masks secrets; applied to each line as it is written. */
  mask?: (text: string) => string;
  now?: () => Date;
}

/** Longest text of one field, in UTF-16 units: messages of engines may carry a page of HTML. */
const MAX_TEXT = 500;

/** One line an entry: JSON for machines, or words with `name=value` for people. */
export function createLog({
  form,
  level,
  write,
  mask = (text) => text,
  now = () => new Date(),
}: LogOptions): Log {
  return {
    level,
    enabled(one) {
      return LOG_LEVELS.indexOf(one) <= LOG_LEVELS.indexOf(this.level);
    },
    write(one, message, fields = {}) {
      if (!this.enabled(one)) return;
      const entry: Record<string, string | number | boolean> = {};
      for (const [name, value] of Object.entries(fields)) {
        if (value !== undefined) entry[name] = typeof value === "string" ? short(value) : value;
      }
      const time = now().toISOString();
      const line =
        form === "json"
          ? JSON.stringify({ time, level: one, message: short(message), ...entry })
          : [time, one.padEnd(5), short(message), ...Object.entries(entry).map(pair)].join(" ");
      write(`${mask(line)}\n`);
    },
  };
}

function short(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1).toWellFormed()}…`;
}

/** A line stays one line, whatever a name holds. */
function pair([name, value]: [string, string | number | boolean]): string {
  const text = String(value);
  return `${name}=${/^[\w./:-]+$/.test(text) ? text : JSON.stringify(text)}`;
}
