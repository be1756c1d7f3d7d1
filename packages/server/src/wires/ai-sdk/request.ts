import { type AssistantMessage, isObject, type Message, text } from "hearth";
import { RequestError } from "../../problem.ts";
import type { Decision, RunWish } from "../drive.ts";
import type { UiBody, UiMessage, UiPart } from "./schema.ts";

/** What was decided about calls of the newest message: by approval id. */
export function decisionsOf({ messages }: UiBody, by: string): (readonly [id: string, decision: Decision])[] {
  const last = messages.at(-1);
  if (last?.role !== "assistant") return [];
  return last.parts.flatMap(({ state, approval }) => {
    if (state !== "approval-responded" || !approval) return [];
    return [[approval.id, { decision: approval.approved === true ? "approve" : "refuse", by }] as const];
  });
}

/** The task and what came before it. The last message must be the user's. */
export function taskOf(body: UiBody, own: string | undefined): { task: string; wish: RunWish } {
  const last = body.messages.at(-1);
  const at = body.messages.length - 1;
  if (last?.role !== "user")
    throw new RequestError(
      400,
      "The last message must be the user's, or hold the decisions that a run waits for.",
      {
        param: `messages[${at}]`,
      },
    );
  const task = wordsOf(last, at);
  if (task.trim() === "")
    throw new RequestError(400, "The last message is empty.", { param: `messages[${at}].parts` });
  const given = own === undefined ? [] : [own];
  const history: Message[] = [];
  for (const [i, message] of body.messages.slice(0, -1).entries()) {
    if (message.role === "system") given.push(wordsOf(message, i));
    else if (message.role === "user") history.push({ role: "user", content: [text(wordsOf(message, i))] });
    else history.push(...turnsOf(message));
  }
  const wish: RunWish = { history, model: body.model, tools: body.tools };
  if (given.length > 0) wish.instructions = given.join("\n\n");
  return { task, wish };
}

function wordsOf({ parts }: UiMessage, i: number): string {
  return parts
    .map((part) => {
      if (part.type !== "file") return part.type === "text" ? (part.text ?? "") : "";
      throw new RequestError(400, `\`messages[${i}]\`: a file (${part.mediaType}) can't be given to a run.`, {
        param: `messages[${i}].parts`,
        remedy: "Send text.",
      });
    })
    .join("");
}

/** One UI message holds all steps of an answer; each is a message with its calls, then their results. */
function turnsOf({ parts }: UiMessage): Message[] {
  const out: Message[] = [];
  let content: AssistantMessage["content"] = [];
  let results: Message[] = [];
  const flush = (): void => {
    if (content.length > 0) out.push({ role: "assistant", content });
    out.push(...results);
    content = [];
    results = [];
  };
  for (const part of parts) {
    if (part.type === "step-start") flush();
    else if (part.type === "text") content.push(text(part.text ?? ""));
    else if (part.type === "reasoning") content.push({ type: "thinking", text: part.text ?? "" });
    else {
      const name = toolName(part);
      const id = part.toolCallId;
      const result = resultOf(part);
      if (name === undefined || !id || result === undefined) continue;
      content.push({ type: "call", id, name, arguments: isObject(part.input) ? part.input : {} });
      results.push({ role: "tool", callId: id, name, content: [text(result.text)], ok: result.ok });
    }
  }
  flush();
  return out;
}

function toolName({ type, toolName: name }: UiPart): string | undefined {
  if (type === "dynamic-tool") return name ?? undefined;
  return type.startsWith("tool-") ? type.slice("tool-".length) : undefined;
}

/** What came of a call; a call without a result is left out, for a model expects one. */
function resultOf({ state, output, errorText }: UiPart): { text: string; ok: boolean } | undefined {
  if (state === "output-available")
    return { text: typeof output === "string" ? output : JSON.stringify(output ?? null), ok: true };
  if (state === "output-error") return { text: errorText ?? "It failed.", ok: false };
  if (state === "output-denied") return { text: "The call was refused.", ok: false };
  return undefined;
}
