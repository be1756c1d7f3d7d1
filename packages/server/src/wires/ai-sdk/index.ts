import type { Context } from "hono";
import { type Principal, principalOf, requireDecider } from "../../access/index.ts";
import type { Routes } from "../../openapi/index.ts";
import { ASK_HEADERS, callerOf, type WireContext } from "../context.ts";
import { type Driver, signed } from "../drive.ts";
import { byCall } from "../interrupts.ts";
import type { LiveRun } from "../live.ts";
import { leaving, SSE, type StreamForm, sseData, streamed } from "../stream.ts";
import { UiTranslator } from "./chunks.ts";
import { decisionsOf, taskOf } from "./request.ts";
import { UI_REQUEST, type UiBody } from "./schema.ts";

const FORM: StreamForm = {
  ...SSE,
  error: (body) => sseData({ type: "error", errorText: JSON.stringify(body) }),
};
const PATH = "/agent/ui-message-stream";
const STREAM = { 200: { description: "The stream", content: ["text/event-stream"] } };

/** The UI message stream of the AI SDK (its major version 5 and later): what `useChat` reads. */
export function aiSdkWire(routes: Routes, context: WireContext, driver: Driver): void {
  /** Runs that go on, by tenant and chat: a page that is loaded again finds its own. */
  const chats = new Map<string, LiveRun>();

  routes.add(
    {
      method: "POST",
      path: PATH,
      id: "uiMessageStream",
      headers: ASK_HEADERS,
      access: "agents",
      tag: "Agent",
      summary: "One run as an AI SDK UI message stream",
      description:
        "A last message that holds decisions goes on with the run that waits for them, and needs the token.",
      body: UI_REQUEST,
      examples: {
        run: {
          id: "c1",
          messages: [{ id: "m1", role: "user", parts: [{ type: "text", text: "What is in this folder?" }] }],
        },
      },
      answers: STREAM,
    },
    async (c, body) => {
      const by = principalOf(c);
      const decisions = decisionsOf(body, signed("AI SDK", by));
      const live = await begin(c, body, decisions);
      if (body.id) remember(chatOf(by, body.id), live);
      // Decisions go on with the message that asked for them.
      const messageId = decisions.length === 0 ? undefined : body.messages.at(-1)?.id;
      return answer(c, live, messageId ?? live.run.id);
    },
  );

  routes.add(
    {
      method: "GET",
      path: `${PATH}/:chatId/stream`,
      id: "resumeUiMessageStream",
      access: "agents",
      tag: "Agent",
      summary: "The stream of a chat's run that goes on, from its beginning",
      answers: { ...STREAM, 204: { description: "Nothing goes on", content: [] } },
    },
    (c) => {
      const live = chats.get(chatOf(principalOf(c), c.req.param("chatId") ?? ""));
      return live === undefined ? c.body(null, 204) : answer(c, live, live.run.id);
    },
  );

  async function begin(
    c: Context,
    body: UiBody,
    decisions: ReturnType<typeof decisionsOf>,
  ): Promise<LiveRun> {
    if (decisions.length === 0) {
      const { task, wish } = taskOf(body, context.agent.instructions);
      return driver.start(task, callerOf(c), wish);
    }
    requireDecider(c);
    const { runId, answers } = byCall(decisions);
    return driver.decideAll(runId, answers, principalOf(c));
  }

  function remember(chat: string, live: LiveRun): void {
    chats.set(chat, live);
    void live.done.then(() => {
      if (chats.get(chat) === live) chats.delete(chat);
    });
  }

  function answer(c: Context, live: LiveRun, messageId: string): Response {
    const left = leaving(c);
    const leave = (): void => {
      left.abort();
      if (!context.detached) live.run.cancel("the client left");
    };
    return streamed(c, FORM, frames(live, messageId, left.signal), leave, {
      "x-vercel-ai-ui-message-stream": "v1",
      "x-run-id": live.run.id,
    });
  }
}

/** Names of tenants hold no space. */
const chatOf = ({ tenant }: Principal, chatId: string): string => `${tenant} ${chatId}`;

async function* frames(live: LiveRun, messageId: string, signal: AbortSignal): AsyncGenerator<string> {
  const translator = new UiTranslator();
  yield sseData({ type: "start", messageId });
  for await (const event of live.follow(0, signal)) {
    const chunks = translator.take(event);
    if (chunks.length > 0) yield chunks.map(sseData).join("");
  }
  yield "data: [DONE]\n\n";
}
