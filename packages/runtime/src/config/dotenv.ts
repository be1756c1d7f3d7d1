import { parseEnv } from "node:util";
import { ConfigError } from "hearth";

/** The line of a `.env` where it stops being one, and why; Node's own reader passes over such lines in silence. */
export function dotenvFault(content: string): { line: number; why: string } | undefined {
  const lines = content.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (/^\s*(#|$)/.test(line)) continue;
    const pair = /^\s*(?:export\s+)?([^=\s]+)\s*=\s*(.*)$/.exec(line);
    if (pair === null) return { line: i + 1, why: "there is no NAME=value" };
    const [, name = "", value = ""] = pair;
    if (!/^[A-Za-z_][\w.-]*$/.test(name)) return { line: i + 1, why: `"${name}" is no name of a variable` };
    const quote = /^["'`]/.exec(value)?.[0];
    if (quote === undefined || value.indexOf(quote, 1) > 0) continue;
    const start = i;
    while (++i < lines.length && !lines[i]?.includes(quote));
    if (i >= lines.length) return { line: start + 1, why: `the quote ${quote} is never closed` };
  }
  return undefined;
}

export function readDotenv(content: string, where: string): Record<string, string> {
  const text = content.replace(/^\uFEFF/, "");
  const fault = text.includes("\0")
    ? { line: text.slice(0, text.indexOf("\0")).split("\n").length, why: "it holds bytes that are no text" }
    : dotenvFault(text);
  if (fault !== undefined) {
    throw new ConfigError(`${where}, line ${fault.line}: ${fault.why}.`, {
      remedy: "Write one NAME=value a line; put # before what is a comment.",
    });
  }
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseEnv(text))) if (value !== undefined) values[name] = value;
  return values;
}
