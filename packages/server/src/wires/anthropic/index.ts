import type { Routes } from "../../openapi/index.ts";
import { ASK_HEADERS, callerOf, type WireContext } from "../context.ts";
import { answer, countTokens } from "../model/index.ts";
import { ANSWER_SSE, begun, leaving, type StreamForm, sseFrame, streamed } from "../stream.ts";
import { messageFrames, PING, wholeMessage } from "./answer.ts";
import { questionOf, wantsThinking } from "./request.ts";
import { COUNT_REQUEST, MESSAGES_REQUEST } from "./schema.ts";

const TAG = "Anthropic";

const FORM: StreamForm = { ...ANSWER_SSE, heartbeat: PING, error: (body) => sseFrame("error", body) };

/** The wire of Anthropic, which coding agents speak: messages and the counting of tokens. */
export function anthropicWire(routes: Routes, context: WireContext): void {
  routes.add(
    {
      method: "POST",
      path: "/v1/messages",
      id: "createMessage",
      headers: ASK_HEADERS,
      access: "models",
      tag: TAG,
      summary: "A message, whole or streamed",
      body: MESSAGES_REQUEST,
      examples: {
        plain: { model: "qwen3:8b", max_tokens: 1024, messages: [{ role: "user", content: "Hello." }] },
        tools: {
          model: "qwen3:8b",
          max_tokens: 1024,
          stream: true,
          messages: [{ role: "user", content: "What is the weather in Oslo?" }],
          tools: [
            {
              name: "get_weather",
              input_schema: { type: "object", properties: { city: { type: "string" } } },
            },
          ],
          tool_choice: { type: "any" },
        },
      },
      answers: { 200: { description: "The message", content: ["application/json", "text/event-stream"] } },
    },
    async (c, body) => {
      const question = questionOf(body);
      const thinking = wantsThinking(body);
      const left = leaving(c);
      const events = answer(context, callerOf(c), question, left.signal);
      if (body.stream !== true) return c.json(await wholeMessage(events, body.model, thinking));
      return streamed(c, FORM, messageFrames(await begun(events), body.model, thinking), () => left.abort());
    },
  );

  routes.add(
    {
      method: "POST",
      path: "/v1/messages/count_tokens",
      id: "countTokens",
      access: "models",
      tag: TAG,
      summary: "Tokens of a prompt: exact where the prompt is ours and the engine counts, else estimated",
      body: COUNT_REQUEST,
      examples: { plain: { model: "qwen3:8b", messages: [{ role: "user", content: "Hello." }] } },
    },
    async (c, body) => {
      const tokens = await countTokens(context, questionOf(body), leaving(c).signal);
      return c.json({ input_tokens: tokens });
    },
  );
}
