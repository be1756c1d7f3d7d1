import { agent, joinTaint, UsageError } from "hearth";
import type { CommandContext } from "../command.ts";
import { followRun } from "../follow.ts";
import { readPiped, stdinKind, type Task, taskOf } from "../stdin.ts";

export async function run(context: CommandContext): Promise<number> {
  const config = context.config();
  const task = await readTask(context);
  const { signal } = context;
  return followRun(context, config, ({ options }, { messages: history, taint }) =>
    agent(options).run(task.text, { signal, history, taint: joinTaint(taint, task.taint) }),
  );
}

async function readTask({ args, out }: CommandContext): Promise<Task> {
  const kind = stdinKind(process.stdin.isTTY === true);
  const words = args.positionals;
  const needed = words.length === 0 || words.includes("-");
  const task = taskOf(words, await readPiped({ stream: process.stdin, kind, out, needed }));
  if (task.text !== "") return task;
  throw new UsageError("There is no task.", { remedy: 'Write `hearth run "TASK"`, or pipe it in.' });
}
