import type { JsonObject } from "../../protocol/index.ts";
import type { HttpClient } from "../http/index.ts";
import { objectsAt, readObject } from "../read-json.ts";
import type { ServerFacts } from "./models.ts";

/** A server that leaves a side question open for longer does not know the route. */
const PROBE_IDLE_MS = 3000;

/**
 * Finds out what a server has beside the OpenAI wire, by asking for it: what counts is the shape of the answer, since some
 * answer 200 to every path.
 */
export async function probe(client: HttpClient, model: string, signal?: AbortSignal): Promise<ServerFacts> {
  const [props, studio, tokens] = await Promise.all([
    look(client, "/props", signal),
    look(client, "/api/v0/models", signal),
    look(client, "/tokenize", signal, tokenizeBody(model, "a")),
  ]);
  const rows = studio === undefined ? [] : objectsAt(studio, "data");
  const facts: ServerFacts = { tokenizes: tokens !== undefined && tokenCount(tokens) !== undefined };
  if (
    props !== undefined &&
    (props["default_generation_settings"] !== undefined || "chat_template" in props)
  ) {
    facts.props = props;
  }
  if (rows.some((row) => "max_context_length" in row || "state" in row)) facts.rows = rows;
  return facts;
}

/** One body for both forms: llama-server reads `content`, vLLM and SGLang `prompt`. Nothing is added to the text. */
export function tokenizeBody(model: string, text: string): JsonObject {
  return {
    model,
    content: text,
    prompt: text,
    add_special: false,
    add_special_tokens: false,
    parse_special: true,
  };
}

export function tokenCount(reply: JsonObject): number | undefined {
  const { count, tokens } = reply;
  if (Array.isArray(tokens)) return tokens.length;
  return typeof count === "number" ? count : undefined;
}

async function look(
  client: HttpClient,
  path: string,
  signal?: AbortSignal,
  json?: JsonObject,
): Promise<JsonObject | undefined> {
  try {
    const method = json === undefined ? "GET" : "POST";
    const answer = await client.send(path, { method, json, signal, idleTimeoutMs: PROBE_IDLE_MS });
    const text = await answer.text(4 * 1024 * 1024);
    return answer.status === 200 ? readObject(text) : undefined;
  } catch {
    // Nothing there; whether the server itself is there shows in the question asked beside this one.
    return undefined;
  }
}
