import { sandboxLevel } from "@hearth/tools";
import { ConfigError } from "hearth";
import type { Config } from "../config/index.ts";

/**
 * What `restrictToWorkspace=false` comes to, in words for the user; undefined where it is not so. Only a trusted source can say it.
 * @throws ConfigError where no sandbox is enforced: what programs may do must not be wide together with what files may be read
 */
export async function widened({ settings, workspace }: Config): Promise<string | undefined> {
  if (settings.restrictToWorkspace) return undefined;
  const { name, strength, missing } = await sandboxLevel(workspace);
  if (strength !== "enforced") {
    throw new ConfigError(
      `restrictToWorkspace is false, which needs an enforced sandbox; here it is ${strength === "none" ? "missing" : `${name} (${strength})`}.`,
      {
        remedy:
          `${missing.join(" ")} Or leave RESTRICT_TO_WORKSPACE away, and name a larger --workspace.`.trim(),
      },
    );
  }
  return "restrictToWorkspace is false: files are read everywhere on this machine by their absolute paths; they are written, and programs run, in the workspace alone.";
}
