import type { Outcome } from "hearth";
import type { Context } from "hono";
import { bool, list, type Of, object, optional, type Routes, text } from "../openapi/index.ts";
import { RequestError } from "../problem.ts";
import { ASK_HEADERS, type Caller, callerOf, type WireContext } from "./context.ts";
import type { Driver } from "./drive.ts";
import { fullFrames, simpleFrames } from "./events.ts";
import type { LiveRun } from "./live.ts";
import { Sessions } from "./sessions.ts";
import { leaving, SSE, streamed } from "./stream.ts";

const AGENT_REQUEST = object(
  {
    input: text("The task"),
    stream: optional(bool("Events as server-sent events; also by `Accept: text/event-stream`")),
    session: optional(text("A name; runs of one name are one conversation, one after the other")),
    model: optional(text("Another model of the engine")),
    tools: optional(list(text(), {}, "Names of those the run may use; left out: all")),
    background: optional(bool("Answers at once; the run goes on whether or not anybody listens")),
  },
  { closed: true },
);

type AgentBody = Of<typeof AGENT_REQUEST>;

/** `POST /agent`: one run, as JSON, as server-sent events, or in the background. */
export function agentWire(routes: Routes, context: WireContext, driver: Driver): void {
  const sessions = new Sessions(driver.journal, () => driver.crew !== undefined);
  routes.add(
    {
      method: "POST",
      path: "/agent",
      id: "run",
      headers: ASK_HEADERS,
      access: "agents",
      tag: "Agent",
      summary: "One run to its end",
      description:
        "With `?events=simple` the stream has the four plain events delta, tool_calls, tool_result, done.",
      body: AGENT_REQUEST,
      query: { events: { schema: text(), description: "`simple` for the four plain events" } },
      examples: {
        json: { input: "What is in this folder?" },
        stream: { input: "What is in this folder?", stream: true, session: "desk" },
        background: { input: "Count the files.", background: true },
      },
      answers: {
        200: {
          description: "Its outcome, or its events",
          content: ["application/json", "text/event-stream"],
        },
        202: { description: "It goes on in the background" },
      },
    },
    async (c, body) => {
      if (body.input.trim() === "")
        throw new RequestError(400, "`input` must not be empty.", { param: "input" });
      const live = await start(body, callerOf(c));
      if (body.background === true) {
        await live.begun;
        return c.json(started(live), 202, { "x-run-id": live.run.id });
      }
      const stream = body.stream ?? accepts(c);
      return answerRun(c, context, live, { stream, simple: c.req.query("events") === "simple" });
    },
  );

  function start({ input, session, model, tools }: AgentBody, by: Caller): LiveRun | Promise<LiveRun> {
    if (session === null || session === undefined) return driver.start(input, by, { model, tools });
    return sessions.run(by.tenant, session, (history, taint) =>
      driver.start(input, by, { model, tools, history, taint, session }),
    );
  }
}

export const accepts = (c: Context): boolean => (c.req.header("accept") ?? "").includes("text/event-stream");

export function started({ run }: LiveRun) {
  return { runId: run.id, status: "running", events: `/agent/runs/${run.id}/events` };
}

/** A run's events, or its outcome once it is over. A client that leaves cancels it where no journal keeps it. */
export async function answerRun(
  c: Context,
  { detached }: WireContext,
  live: LiveRun,
  form: { stream: boolean; simple: boolean },
): Promise<Response> {
  const left = leaving(c);
  const { run } = live;
  const leave = (): void => {
    left.abort();
    if (!detached) run.cancel("the client left");
  };
  if (form.stream) {
    const events = live.follow(0, left.signal);
    const frames = form.simple ? simpleFrames(events) : fullFrames(events);
    return streamed(c, SSE, frames, leave, { "x-run-id": run.id });
  }
  left.signal.addEventListener("abort", leave, { once: true });
  return outcomeAnswer(c, await run);
}

function outcomeAnswer(c: Context, outcome: Outcome): Response {
  const { text: result, stopReason, runId, usage, error, pending } = outcome;
  if (stopReason === "engine_error") {
    const { message, remedy } = error ?? { message: result };
    const hint = remedy === undefined ? {} : { hint: remedy };
    return c.json({ error: { code: "engine_error", message, ...hint }, stopReason, runId }, 502);
  }
  const waiting = pending === undefined ? {} : { pending };
  return c.json({ result, text: result, stopReason, runId, usage, ...waiting });
}
