import { agent, UsageError } from "hearth";
import type { CommandContext } from "../command.ts";
import { followRun } from "../follow.ts";
import { readPiped, stdinKind, taskOf } from "../stdin.ts";

export async function run(context: CommandContext): Promise<number> {
  const config = context.config();
  const task = await readTask(context);
  const { signal } = context;
  return followRun(context, config, ({ options }, history) => agent(options).run(task, { signal, history }));
}

async function readTask({ args, out }: CommandContext): Promise<string> {
  const kind = stdinKind(process.stdin.isTTY === true);
  const words = args.positionals;
  const needed = words.length === 0 || words.includes("-");
  const task = taskOf(words, await readPiped({ stream: process.stdin, kind, out, needed }));
  if (task !== "") return task;
  throw new UsageError("There is no task.", { remedy: 'Write `hearth run "TASK"`, or pipe it in.' });
}
