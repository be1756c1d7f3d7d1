import { installEngine } from "@hearth/llama";
import { UsageError } from "hearth";
import type { CommandContext } from "../command.ts";
import { plain } from "../terminal/plain.ts";

const GPUS = ["auto", "cuda", "vulkan"] as const;

export async function run({ args, out, signal }: CommandContext): Promise<number> {
  const [action, ...more] = args.positionals;
  if (action !== "install" || more.length > 0) {
    throw new UsageError(
      `hearth engine knows one action, install${action === undefined ? "" : `, not ${action}`}.`,
      {
        remedy: "Write `hearth engine install`.",
      },
    );
  }
  const wanted = args.own.get("gpu");
  const gpu = wanted === undefined ? false : GPUS.find((name) => name === wanted);
  if (gpu === undefined) {
    throw new UsageError(`--gpu must be one of ${GPUS.join(", ")}, not "${wanted}".`, {
      remedy: "Leave it away for the processor's build.",
    });
  }
  const done = await installEngine({
    gpu,
    dryRun: args.own.has("dry-run"),
    onProgress: (line) => out.note(plain(line)),
    signal,
  });
  const json = args.settings.some(({ key }) => key === "json");
  if (json) await out.json(done);
  else if ("command" in done) await out.line(done.command.join(" "));
  else await out.line(`The embedded engine ${done.version} is at ${done.addon}.`);
  return 0;
}
