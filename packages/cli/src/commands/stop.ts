import { liftUserStop, readStop, type Stopped, stopAll, userPaths } from "@hearth/runtime";
import { UsageError } from "hearth";
import type { CommandContext } from "../command.ts";

/** `hearth stop`: the emergency stop of all Hearth processes of this user; `--lift` ends it, `--status` only says whether it holds. */
export async function run({ args, env, out }: CommandContext): Promise<number> {
  const reason = args.positionals.join(" ").trim();
  const [lift, status, json] = ["lift", "status", "json"].map((name) => args.own.has(name));
  if ((lift && status) || ((lift || status) && reason !== ""))
    throw new UsageError("hearth stop takes one of --lift, --status, or a reason.", {
      remedy: "Write `hearth stop`.",
    });
  const paths = userPaths(env);
  if (status) {
    const held = readStop(paths);
    if (json) await out.json({ stopped: held !== undefined, ...held });
    else
      await out.line(
        held === undefined ? "No stop holds." : `Stopped since ${held.since}. ${held.reason}`.trim(),
      );
    return 0;
  }
  if (lift) {
    const lifted = liftUserStop(paths);
    if (json) await out.json({ lifted });
    else await out.line(lifted ? "The stop is lifted: tools run again." : "No stop held.");
    return 0;
  }
  const stopped = await stopAll(paths, reason);
  if (json) await out.json({ stopped });
  else for (const line of told(stopped)) await out.line(line);
  return 0;
}

function told(stopped: readonly Stopped[]): string[] {
  const lines = stopped.map(({ pid, command, how }) => {
    const what =
      how === "killed"
        ? "did not answer and was killed; its runs can be resumed"
        : "ended its tools and runs";
    return `hearth ${command} (process ${pid}) ${what}.`;
  });
  const none = lines.length === 0 ? ["No Hearth process runs."] : lines;
  return [...none, "No tool starts until `hearth stop --lift`."];
}
