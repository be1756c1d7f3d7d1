import { type AssistantMessage, isObject, type JsonValue, type Message, type TextBlock, text } from "hearth";
import { RequestError } from "../../problem.ts";
import type { Decision, RunWish } from "../drive.ts";
import { argumentsOf } from "../model/read.ts";
import type { AgUiBody, AgUiMessage } from "./schema.ts";

/** The task and what came before it. The last message must be the user's. */
export function taskOf(body: AgUiBody, own: string | undefined): { task: string; wish: RunWish } {
  const messages = body.messages.filter((message) => message.role !== "activity");
  const last = messages.at(-1);
  if (last?.role !== "user")
    throw new RequestError(400, "The last message must be the user's.", { param: "messages" });
  const history: Message[] = [];
  const given: string[] = own === undefined ? [] : [own];
  const names = new Map<string, string>();
  for (const [i, message] of messages.slice(0, -1).entries()) add(message, `messages[${i}]`);
  for (const { description, value } of body.context ?? [])
    given.push(description ? `${description}: ${value}` : value);
  const task = words(last.content, "messages[-1]");
  if (task.trim() === "") throw new RequestError(400, "The last message is empty.", { param: "messages" });
  const wish: RunWish = { history, ...forwarded(body.forwardedProps) };
  if (given.length > 0) wish.instructions = given.join("\n\n");
  return { task, wish };

  function add(message: AgUiMessage, at: string): void {
    const said = words(message.content, at);
    const content: TextBlock[] = said === "" ? [] : [text(said)];
    switch (message.role) {
      case "system":
      case "developer":
        given.push(said);
        return;
      case "user":
        history.push({ role: "user", content });
        return;
      case "tool": {
        const callId = message.toolCallId ?? "";
        history.push({ role: "tool", callId, name: names.get(callId) ?? "", content, ok: !message.error });
        return;
      }
      case "reasoning":
        turn().content.push({ type: "thinking", text: said });
        return;
      case "assistant": {
        const blocks = turn().content;
        blocks.push(...content);
        for (const call of message.toolCalls ?? []) {
          const { name, arguments: args } = call.function;
          names.set(call.id, name);
          blocks.push({ type: "call", id: call.id, name, arguments: argumentsOf(args) });
        }
        return;
      }
      case "activity":
    }
  }

  /** Thinking, text and calls of one turn come as messages of their own on this wire. */
  function turn(): AssistantMessage {
    const before = history.at(-1);
    if (before?.role === "assistant") return before;
    const fresh: AssistantMessage = { role: "assistant", content: [] };
    history.push(fresh);
    return fresh;
  }
}

function words(content: AgUiMessage["content"], at: string): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part) => {
      if (part.type === "text") return part.text ?? "";
      throw new RequestError(400, `\`${at}\`: a part of the type ${part.type} can't be given to a run.`, {
        param: `${at}.content`,
        remedy: "Send text.",
      });
    })
    .join("");
}

function forwarded(props: JsonValue | null | undefined): RunWish {
  if (!isObject(props)) return {};
  const { model, tools } = props;
  return {
    ...(typeof model === "string" ? { model } : {}),
    ...(Array.isArray(tools) && tools.every((name) => typeof name === "string") ? { tools } : {}),
  };
}

/** Only an approval in so many words lets a call run: `true`, or `{approved: true, editedArgs?}`. */
export function decisionOf(
  { status, payload }: NonNullable<AgUiBody["resume"]>[number],
  by: string,
): Decision {
  const body = isObject(payload) ? payload : { approved: payload };
  if (status !== "resolved" || body["approved"] !== true) return { decision: "refuse", by };
  const edited = body["editedArgs"];
  return { decision: "approve", by, ...(isObject(edited) ? { arguments: edited } : {}) };
}
