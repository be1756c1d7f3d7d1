import { nearest } from "@hearth/runtime";
import { UsageError } from "hearth";
import type { CommandContext } from "./command.ts";

/** What a command's second word does, with the words after it. */
export type Action = (context: CommandContext, rest: readonly string[]) => Promise<number>;

/** Runs the action that the second word names. Raises `UsageError` with the actions there are. */
export async function actionOf(
  command: string,
  actions: Readonly<Record<string, Action>>,
  context: CommandContext,
): Promise<number> {
  const [name = "", ...rest] = context.args.positionals;
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action !== undefined) return action(context, rest);
  const names = Object.keys(actions);
  const near = nearest(name, names);
  const said = near?.close ? `; the nearest is ${near.name}` : "";
  throw new UsageError(
    name === ""
      ? `hearth ${command} needs an action.`
      : `There is no action ${name} of hearth ${command}${said}.`,
    { remedy: `Actions: ${names.join(", ")}.` },
  );
}
