import { type CallBlock, callsOf, type Message, textOf } from "hearth";

/** The conversation as Markdown: what people said, what was called, what came back. Thinking is left out. */
export function transcript(messages: readonly Message[]): string {
  return `${messages.flatMap(section).join("\n\n")}\n`;
}

function section(message: Message): string[] {
  const said = textOf(message).trim();
  switch (message.role) {
    case "user":
      return [`## You\n\n${said}`];
    case "assistant":
      return [`## Model`, ...(said === "" ? [] : [said]), ...callsOf(message).map(call)];
    case "tool":
      return [`Result of \`${message.name}\`${message.ok ? "" : " (failed)"}:\n\n${fenced(said)}`];
    case "system":
      return [];
  }
}

function call({ name, arguments: args }: CallBlock): string {
  return `Calls \`${name}\`:\n\n${fenced(JSON.stringify(args, null, 2))}`;
}

/** A fence longer than any within. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`{3,}/g) ?? []).map((ticks) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}
