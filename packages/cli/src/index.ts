/**
 * The `hearth` command: reads the command line, runs one command, says what went wrong, answers the exit code.
 * Owns the terminal, stdin and signals. Does not own settings (@hearth/runtime), the loop (hearth) or the tools.
 */
import { type Config, loadConfig, nearest, startFolder } from "@hearth/runtime";
import { UsageError } from "hearth";
import { flagsFor, parseFlags } from "./args/index.ts";
import type { CommandRow } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { reportError } from "./fail.ts";
import { commandHelp, overview } from "./help.ts";
import { Output } from "./output.ts";
import { watchSignals } from "./signals.ts";
import { version } from "./version.ts";

/** Runs the command; resolves with its exit code when all output was taken. */
export async function main(args: readonly string[]): Promise<number> {
  const out = new Output(process.stdout, process.stderr);
  const debug = /^(1|true|yes|on)$/i.test(process.env["DEBUG"] ?? "") || args.includes("--debug");
  let code: number;
  try {
    code = await dispatch(args, out);
  } catch (error) {
    code = reportError(error, out, debug);
  }
  await out.flush();
  return code;
}

async function dispatch([first, ...rest]: readonly string[], out: Output): Promise<number> {
  if (first === "--version" || first === "-v" || first === "version") {
    await out.line(version());
    return 0;
  }
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    const named = COMMANDS.find((row) => row.name === rest[0]);
    await out.write(named === undefined ? overview(COMMANDS) : commandHelp(named));
    return first === undefined ? 2 : 0;
  }
  return runCommand(commandNamed(first), rest, out);
}

function commandNamed(name: string): CommandRow {
  const row = COMMANDS.find((one) => one.name === name);
  if (row !== undefined) return row;
  const near = nearest(
    name,
    COMMANDS.map((one) => one.name),
  );
  const kind = name.startsWith("-") ? "flag" : "command";
  throw new UsageError(`There is no ${kind} ${name}${near?.close ? `; the nearest is ${near.name}` : ""}.`, {
    remedy:
      kind === "flag"
        ? "A command comes first: `hearth run --help`."
        : `Commands: ${COMMANDS.map((one) => one.name).join(", ")}.`,
  });
}

async function runCommand(row: CommandRow, args: readonly string[], out: Output): Promise<number> {
  const parsed = parseFlags(args, flagsFor(row.scopes, row.flags), row.name);
  if (parsed.help) {
    await out.write(commandHelp(row));
    return 0;
  }
  const { env } = process;
  const cwd = process.cwd();
  let config: Config | undefined;
  const module = await row.load();
  return module.run({
    args: parsed,
    env,
    folder: startFolder(env, cwd),
    config() {
      if (config !== undefined) return config;
      config = loadConfig({ env, cwd, flags: parsed.settings });
      for (const { name, where, why } of config.ignored) {
        out.note(
          `hearth: ignored ${name} in ${where}: ${why}; to let it count: hearth trust ${config.workspace}`,
        );
      }
      return config;
    },
    out,
    signal: watchSignals(out, row.signals),
  });
}
