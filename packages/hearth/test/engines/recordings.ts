/** Reads recorded exchanges with real servers, in place. Only for tests. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { objectAt, objectsAt, readObject, textAt } from "../../src/engines/read-json.ts";
import { isObject, type JsonObject } from "../../src/protocol/index.ts";

const shared =
  process.env["HEARTH_SHARED"] ?? fileURLToPath(new URL("../../../../../shared", import.meta.url));
const folder = `${shared}/data/wire`;

/** Why tests that need the recordings can't run here, or false. */
export const skip: string | false = existsSync(folder) ? false : `no recordings at ${folder}`;

export interface Recording {
  name: string;
  method: string;
  path: string;
  /** The body as it was sent; absent where it was none, or no JSON object. */
  request: JsonObject | undefined;
  status: number;
  contentType: string;
  /** The body in the pieces in which it came. */
  chunks: Buffer[];
  /** The body as a whole. */
  text: string;
}

export function recordings(): Recording[] {
  if (skip !== false) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) =>
      recordingOf(file.slice(0, -5), readObject(readFileSync(`${folder}/${file}`, "utf8")) ?? {}),
    );
}

function recordingOf(name: string, value: JsonObject): Recording {
  const request = objectAt(value, "request");
  const response = objectAt(value, "response");
  const texts = objectsAt(response, "chunks").map((chunk) => textAt(chunk, "data") ?? "");
  const headers = Array.isArray(response["headers"]) ? response["headers"] : [];
  const type = headers.find(
    (pair) => Array.isArray(pair) && String(pair[0]).toLowerCase() === "content-type",
  );
  return {
    name,
    method: textAt(request, "method") ?? "",
    path: textAt(request, "path") ?? "",
    request: isObject(request["body"]) ? request["body"] : undefined,
    status: Number(response["status"]),
    contentType: Array.isArray(type) ? String(type[1]) : "",
    chunks: texts.map((text) => Buffer.from(text)),
    text: texts.join(""),
  };
}

export interface Expected {
  text: string;
  thinking: string;
  calls: { name: string; arguments: unknown }[];
  finish: "stop" | "length" | "calls" | undefined;
  usage: { input: number; output: number } | undefined;
}

/** What a chat answer says, worked out from the recording without the code under test. */
export function expectedOf(recording: Recording): Expected {
  return recording.path === "/api/chat" ? expectedOllama(recording) : expectedOpenAI(recording);
}

function expectedOllama({ text }: Recording): Expected {
  const lines = text
    .split("\n")
    .flatMap((line): JsonObject[] => (line.trim() === "" ? [] : [JSON.parse(line)]));
  const messages = lines.map((line) => objectAt(line, "message"));
  const calls = messages
    .flatMap((message) => objectsAt(message, "tool_calls"))
    .map((call) => objectAt(call, "function"))
    .map((call) => ({ name: textAt(call, "name") ?? "", arguments: call["arguments"] as unknown }));
  const last = lines.find((line) => line["done"] === true);
  const input = last?.["prompt_eval_count"];
  return {
    text: messages.map((message) => textAt(message, "content") ?? "").join(""),
    thinking: messages.map((message) => textAt(message, "thinking") ?? "").join(""),
    calls,
    finish:
      last === undefined
        ? undefined
        : last["done_reason"] === "length"
          ? "length"
          : calls.length > 0
            ? "calls"
            : "stop",
    usage: typeof input === "number" ? { input, output: Number(last?.["eval_count"] ?? 0) } : undefined,
  };
}

function expectedOpenAI({ text, contentType }: Recording): Expected {
  const streamed = contentType.startsWith("text/event-stream");
  const data = streamed
    ? text.split("\n").flatMap((line) => (line.startsWith("data: {") ? [line.slice(6)] : []))
    : [text];
  const objects = data.map((one): JsonObject => JSON.parse(one));
  const choices = objects.flatMap((one) => objectsAt(one, "choices"));
  const parts = choices.map((choice) => objectAt(choice, streamed ? "delta" : "message"));
  const calls: { name: string; text: string }[] = [];
  for (const piece of parts.flatMap((part) => objectsAt(part, "tool_calls"))) {
    const called = objectAt(piece, "function");
    const name = textAt(called, "name");
    // In the recordings a name comes with the first piece of each call, and only there.
    if (name !== undefined) calls.push({ name, text: "" });
    calls.at(-1)!.text += textAt(called, "arguments") ?? "";
  }
  const reason = choices.map((choice) => choice["finish_reason"]).find((one) => typeof one === "string");
  const usage = objects.map((one) => one["usage"]).findLast(isObject);
  return {
    text: parts.map((part) => textAt(part, "content") ?? "").join(""),
    thinking: parts
      .map((part) => textAt(part, "reasoning_content") ?? textAt(part, "reasoning") ?? "")
      .join(""),
    calls: calls.map((call) => ({ name: call.name, arguments: readObject(call.text) ?? call.text })),
    finish:
      reason === undefined ? undefined : reason === "length" ? "length" : calls.length > 0 ? "calls" : "stop",
    usage:
      usage === undefined
        ? undefined
        : { input: Number(usage["prompt_tokens"]), output: Number(usage["completion_tokens"]) },
  };
}
