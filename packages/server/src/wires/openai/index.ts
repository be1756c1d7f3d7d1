import type { ModelInfo } from "hearth";
import { principalOf } from "../../access/index.ts";
import type { Routes } from "../../openapi/index.ts";
import { RequestError } from "../../problem.ts";
import { ASK_HEADERS, admit, type Caller, callerOf, type WireContext } from "../context.ts";
import { withinDeadline } from "../deadline.ts";
import { answer, collect, isAgentName, knownModels } from "../model/index.ts";
import { ANSWER_SSE, begun, leaving, streamed } from "../stream.ts";
import { chatHead, chunks, completion } from "./answer.ts";
import { questionOf } from "./request.ts";
import { CHAT_REQUEST, EMBEDDINGS_REQUEST } from "./schema.ts";

const TAG = "OpenAI";

/** The wire of OpenAI: chat completions, models, embeddings. The engine is stopped when the client leaves. */
export function openaiWire(routes: Routes, context: WireContext): void {
  routes.add(
    {
      method: "POST",
      path: "/v1/chat/completions",
      id: "createChatCompletion",
      headers: ASK_HEADERS,
      access: "models",
      tag: TAG,
      summary: "An answer, whole or streamed",
      body: CHAT_REQUEST,
      examples: {
        plain: { model: "qwen3:8b", messages: [{ role: "user", content: "Hello." }] },
        tools: {
          model: "qwen3:8b",
          messages: [{ role: "user", content: "What is the weather in Oslo?" }],
          tools: [
            {
              type: "function",
              function: {
                name: "get_weather",
                description: "The weather in a city",
                parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
              },
            },
          ],
          tool_choice: "required",
          stream: true,
          stream_options: { include_usage: true },
        },
        agent: { model: "agent:hearth", messages: [{ role: "user", content: "What is in this folder?" }] },
      },
      answers: { 200: { description: "The answer", content: ["application/json", "text/event-stream"] } },
    },
    async (c, body) => {
      const question = questionOf(body);
      const head = chatHead(question.model);
      const form = { legacy: question.legacy, includeUsage: body.stream_options?.include_usage === true };
      const left = leaving(c);
      const events = answer(context, callerOf(c), question, left.signal);
      if (body.stream !== true) return c.json(completion(await collect(events), head, form));
      return streamed(c, ANSWER_SSE, chunks(await begun(events), head, form), () => left.abort());
    },
  );

  routes.add(
    {
      method: "GET",
      path: "/v1/models",
      id: "listModels",
      access: "models",
      tag: TAG,
      summary: "The engine's models, and the agent",
    },
    async (c) => {
      const models = await knownModels(context, principalOf(c), leaving(c).signal);
      if (c.req.header("anthropic-version") === undefined)
        return c.json({ object: "list", data: models.map(modelRow) });
      const data = models.map(({ name }) => ({
        type: "model",
        id: name,
        display_name: name,
        created_at: EPOCH,
      }));
      return c.json({
        data,
        has_more: false,
        first_id: data[0]?.id ?? null,
        last_id: data.at(-1)?.id ?? null,
      });
    },
  );

  routes.add(
    {
      method: "GET",
      path: "/v1/models/:model{.+}",
      id: "getModel",
      access: "models",
      tag: TAG,
      summary: "One model",
    },
    async (c) => {
      const name = c.req.param("model") ?? "";
      const found = (await knownModels(context, principalOf(c), leaving(c).signal)).find(
        (model) => model.name === name,
      );
      if (found !== undefined) return c.json(modelRow(found));
      throw new RequestError(404, `There is no model "${name}" here.`, {
        code: "model_not_found",
        param: "model",
      });
    },
  );

  routes.add(
    {
      method: "POST",
      path: "/v1/embeddings",
      id: "createEmbedding",
      headers: ASK_HEADERS,
      access: "models",
      tag: TAG,
      summary: "Texts as vectors, by the engine",
      body: EMBEDDINGS_REQUEST,
      examples: { two: { model: "nomic-embed-text", input: ["a", "b"] } },
    },
    async (c, { model, input, encoding_format: encoding }) => {
      const vectors = await embed(
        context,
        callerOf(c),
        model,
        typeof input === "string" ? [input] : input,
        leaving(c).signal,
      );
      const data = vectors.map((vector, index) => ({
        object: "embedding",
        index,
        embedding:
          encoding === "base64" ? Buffer.from(Float32Array.from(vector).buffer).toString("base64") : vector,
      }));
      return c.json({ object: "list", data, model, usage: { prompt_tokens: 0, total_tokens: 0 } });
    },
  );
}

const EPOCH = "1970-01-01T00:00:00Z";

function modelRow({ name, maxContextTokens, loadedContextTokens, capabilities, details }: ModelInfo) {
  const window = loadedContextTokens ?? maxContextTokens;
  return {
    id: name,
    object: "model",
    created: 0,
    owned_by: typeof details?.["owner"] === "string" ? details["owner"] : "engine",
    ...(window === undefined ? {} : { context_window: window }),
    ...(capabilities === undefined ? {} : { capabilities }),
  };
}

/** Vectors of an engine that can, when its turn has come; 501 from one that can't. */
export async function embed(
  context: WireContext,
  by: Caller,
  model: string,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<number[][]> {
  const { engine } = context.agent.model;
  if (engine.embed === undefined || isAgentName(model)) {
    const isAgent = isAgentName(model);
    throw new RequestError(
      isAgent ? 400 : 501,
      `${isAgent ? model : `The engine ${engine.id}`} can't make embeddings.`,
      {
        code: "embeddings_unsupported",
        remedy: isAgent
          ? "Name a model that embeds; an agent answers in words."
          : "Use an engine that serves an embedding model, such as Ollama with nomic-embed-text.",
      },
    );
  }
  const admission = admit(context, by, { run: false, model });
  async function* made(until: AbortSignal): AsyncGenerator<number[][]> {
    yield (await admission.engine.embed?.(model, texts, until)) ?? [];
  }
  try {
    for await (const vectors of withinDeadline(by.deadlineMs, signal, made)) return vectors;
    return [];
  } finally {
    admission.release();
  }
}
