import { delimiter, isAbsolute } from "node:path";

/** What a program needs to run at all; keys, tokens and whatever else is in the environment stay here. */
const PASSED: readonly string[] =
  process.platform === "win32"
    ? [
        ..."APPDATA COMSPEC HOMEDRIVE HOMEPATH LOCALAPPDATA PATH PATHEXT PROCESSOR_ARCHITECTURE PROGRAMDATA PROGRAMFILES".split(
          " ",
        ),
        ..."SYSTEMDRIVE SYSTEMROOT TEMP TMP USERNAME USERPROFILE WINDIR".split(" "),
      ]
    : "HOME LANG LC_ALL LC_CTYPE LOGNAME PATH SHELL TERM TMPDIR TZ USER".split(" ");

/**
 * The environment of a child: PATH without relative entries (they would mean the folder it runs in), a few names of the
 * system, and what the user gave it.
 */
export function childEnvironment(
  own: Readonly<Record<string, string>> = {},
  from: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of PASSED) {
    const value = from[name];
    // A value that begins with "()" is a function of old shells.
    if (value !== undefined && !value.startsWith("()")) out[name] = value;
  }
  if (out["PATH"] !== undefined)
    out["PATH"] = out["PATH"].split(delimiter).filter(isAbsolute).join(delimiter);
  return { ...out, ...own };
}
