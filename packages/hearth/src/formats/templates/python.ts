import { DEFAULT_LIMITS, openAccount } from "./limits.ts";
import { toValue } from "./values/convert.ts";
import { dumpJson } from "./values/json.ts";
import { repr } from "./values/repr.ts";

/** JSON as Python's `json.dumps(value, ensure_ascii=False)` writes it: what models were trained on. */
export function pythonJson(value: unknown): string {
  openAccount(DEFAULT_LIMITS);
  return dumpJson(toValue(value), {
    ensureAscii: false,
    indent: undefined,
    itemSeparator: ", ",
    keySeparator: ": ",
    sortKeys: false,
  });
}

/** A value as a Python literal, strings in double quotes. */
export function pythonLiteral(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(", ")}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => `${JSON.stringify(key)}: ${pythonLiteral(item)}`)
      .join(", ")}}`;
  openAccount(DEFAULT_LIMITS);
  return repr(toValue(value));
}
