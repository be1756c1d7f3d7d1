import { ModelNotFoundError } from "hearth";
import type { Context } from "hono";
import { principalOf } from "../../access/index.ts";
import type { RouteSpec, Routes } from "../../openapi/index.ts";
import { RequestError } from "../../problem.ts";
import { ASK_HEADERS, callerOf, type WireContext } from "../context.ts";
import { answer, collect, isAgentName, knownModels, type Question } from "../model/index.ts";
import { embed } from "../openai/index.ts";
import { begun, leaving, NDJSON, streamed } from "../stream.ts";
import { chatPiece, generatePiece, lines, type Piece, Timing, wholeAnswer } from "./answer.ts";
import { runningOf, shownOf, tagOf } from "./models.ts";
import { chatQuestion, generateQuestion } from "./request.ts";
import { CHAT_REQUEST, EMBED_REQUEST, EMBEDDINGS_REQUEST, GENERATE_REQUEST, SHOW_REQUEST } from "./schema.ts";

const TAG = "Ollama";
/** Clients compare versions before they use what is new: this is the one whose wire is spoken here. */
const OLLAMA_VERSION = "0.33.0";

const ANSWERS: NonNullable<RouteSpec["answers"]> = {
  200: { description: "The answer", content: ["application/json", "application/x-ndjson"] },
};

/** The wire of Ollama. The engine is stopped when the client leaves. */
export function ollamaWire(routes: Routes, context: WireContext): void {
  const reply = async (c: Context, question: Question, piece: Piece, stream: boolean): Promise<Response> => {
    const timing = new Timing();
    const left = leaving(c);
    const events = answer(context, callerOf(c), question, left.signal);
    if (!stream) return c.json(wholeAnswer(await collect(events), question.model, piece, timing));
    return streamed(c, NDJSON, lines(await begun(events), question.model, piece, timing), () => left.abort());
  };

  routes.add(
    {
      method: "POST",
      path: "/api/chat",
      id: "ollamaChat",
      headers: ASK_HEADERS,
      access: "models",
      tag: TAG,
      summary: "An answer, streamed unless `stream` is false",
      body: CHAT_REQUEST,
      examples: {
        plain: { model: "qwen3:8b", messages: [{ role: "user", content: "Hello." }], stream: false },
      },
      answers: ANSWERS,
    },
    async (c, body) => {
      if ((body.messages ?? []).length === 0) return c.json(loaded(body, chatPiece));
      return reply(c, chatQuestion(body), chatPiece, body.stream !== false);
    },
  );

  routes.add(
    {
      method: "POST",
      path: "/api/generate",
      id: "ollamaGenerate",
      headers: ASK_HEADERS,
      access: "models",
      tag: TAG,
      summary: "An answer to one prompt, streamed unless `stream` is false",
      body: GENERATE_REQUEST,
      examples: { plain: { model: "qwen3:8b", prompt: "Why is the sky blue?" } },
      answers: ANSWERS,
    },
    async (c, body) => {
      if (!body.prompt && (body.images ?? []).length === 0) return c.json(loaded(body, generatePiece));
      return reply(c, generateQuestion(body), generatePiece, body.stream !== false);
    },
  );

  routes.add(
    {
      method: "POST",
      path: "/api/show",
      id: "ollamaShow",
      access: "models",
      tag: TAG,
      summary: "What is known of a model",
      body: SHOW_REQUEST,
      examples: { one: { model: "qwen3:8b" } },
    },
    async (c, body) => {
      const name = body.model ?? body.name ?? "";
      if (name === "") throw new RequestError(400, "model is required", { param: "model" });
      const { engine } = context.agent.model;
      const { signal } = c.req.raw;
      if (!isAgentName(name)) return c.json(shownOf(await engine.describe(name, signal)));
      const found = (await knownModels(context, principalOf(c), signal)).find((model) => model.name === name);
      if (found === undefined) throw new ModelNotFoundError(`model '${name}' not found`);
      return c.json(shownOf(found));
    },
  );

  routes.add(
    {
      method: "GET",
      path: "/api/tags",
      id: "ollamaTags",
      access: "models",
      tag: TAG,
      summary: "The engine's models, and the agent",
    },
    async (c) =>
      c.json({ models: (await knownModels(context, principalOf(c), leaving(c).signal)).map(tagOf) }),
  );

  routes.add(
    {
      method: "GET",
      path: "/api/ps",
      id: "ollamaPs",
      access: "models",
      tag: TAG,
      summary: "Models that are loaded",
    },
    async (c) => {
      const models = await knownModels(context, principalOf(c), leaving(c).signal);
      return c.json({
        models: models.filter((model) => model.loadedContextTokens !== undefined).map(runningOf),
      });
    },
  );

  routes.add(
    {
      method: "GET",
      path: "/api/version",
      id: "ollamaVersion",
      access: "key",
      tag: TAG,
      summary: "The version of Ollama's wire",
    },
    (c) => c.json({ version: OLLAMA_VERSION, hearth: context.version }),
  );

  routes.add(
    {
      method: "POST",
      path: "/api/embed",
      id: "ollamaEmbed",
      headers: ASK_HEADERS,
      access: "models",
      tag: TAG,
      summary: "Texts as vectors, by the engine",
      body: EMBED_REQUEST,
      examples: { one: { model: "nomic-embed-text", input: "Hello." } },
    },
    async (c, { model, input }) => {
      const texts = typeof input === "string" ? [input] : input;
      return c.json({
        model,
        embeddings: await embed(context, callerOf(c), model, texts, leaving(c).signal),
      });
    },
  );

  routes.add(
    {
      method: "POST",
      path: "/api/embeddings",
      id: "ollamaEmbeddings",
      access: "models",
      tag: TAG,
      summary: "One text as a vector: the old form of /api/embed",
      body: EMBEDDINGS_REQUEST,
    },
    async (c, { model, prompt }) => {
      const [embedding] = await embed(context, callerOf(c), model, [prompt], leaving(c).signal);
      return c.json({ embedding: embedding ?? [] });
    },
  );
}

/** An empty question only loads or unloads a model; the service's engine does both when it needs to. */
function loaded({ model, keep_alive: keep }: { model: string; keep_alive?: unknown }, piece: Piece) {
  return {
    model,
    created_at: new Date().toISOString(),
    ...piece({}),
    done: true,
    done_reason: keep === 0 || keep === "0" ? "unload" : "load",
  };
}
