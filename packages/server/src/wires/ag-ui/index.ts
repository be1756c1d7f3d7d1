import type { RunEvent } from "hearth";
import { principalOf, requireDecider } from "../../access/index.ts";
import type { Routes } from "../../openapi/index.ts";
import { RequestError } from "../../problem.ts";
import { ASK_HEADERS, callerOf, type WireContext } from "../context.ts";
import { type Driver, signed } from "../drive.ts";
import { byCall } from "../interrupts.ts";
import type { LiveRun } from "../live.ts";
import { leaving, SSE, type StreamForm, sseData, streamed } from "../stream.ts";
import { AgUiTranslator } from "./events.ts";
import { decisionOf, taskOf } from "./request.ts";
import { AG_UI_REQUEST, type AgUiBody } from "./schema.ts";

const FORM: StreamForm = {
  ...SSE,
  error: (body) => sseData({ type: "RUN_ERROR", message: JSON.stringify(body) }),
};

/** AG-UI 1.0: a thread of the client's over our runs; approvals are its interrupts. */
export function agUiWire(routes: Routes, context: WireContext, driver: Driver): void {
  routes.add(
    {
      method: "POST",
      path: "/agent/ag-ui",
      id: "agUi",
      headers: ASK_HEADERS,
      access: "agents",
      tag: "Agent",
      summary: "One run as AG-UI events",
      description: "`resume` answers the interrupts of a run that waits, all of them, and needs the token.",
      body: AG_UI_REQUEST,
      examples: {
        run: {
          threadId: "t1",
          runId: "r1",
          messages: [{ id: "m1", role: "user", content: "What is in this folder?" }],
        },
      },
      answers: { 200: { description: "AG-UI events", content: ["text/event-stream"] } },
    },
    async (c, body) => {
      const by = principalOf(c);
      const live = await begin(body).catch((error: unknown) => {
        // Answers to interrupts that are not, or not all, open are an error of the run on this wire.
        if (error instanceof RequestError && error.failure.status === 409) return error;
        throw error;
      });
      if (live instanceof RequestError) {
        const events = [
          ...new AgUiTranslator(body).begin(),
          { type: "RUN_ERROR", message: live.message, code: "conflict" },
        ];
        return streamed(c, FORM, events.map(sseData).values(), undefined);
      }
      const left = leaving(c);
      const frames = agUiFrames(live, body, left.signal);
      return streamed(c, FORM, frames, () => leave(live, left), { "x-run-id": live.run.id });

      async function begin(asked: AgUiBody): Promise<LiveRun> {
        const resume = asked.resume ?? [];
        if (resume.length === 0) {
          const { task, wish } = taskOf(asked, context.agent.instructions);
          return driver.start(task, callerOf(c), wish);
        }
        requireDecider(c);
        const { runId, answers } = byCall(
          resume.map((entry) => [entry.interruptId, decisionOf(entry, signed("AG-UI", by))] as const),
        );
        return driver.decideAll(runId, answers, by);
      }
    },
  );

  function leave({ run }: LiveRun, left: AbortController): void {
    left.abort();
    if (!context.detached) run.cancel("the client left");
  }
}

async function* agUiFrames(live: LiveRun, body: AgUiBody, signal: AbortSignal): AsyncGenerator<string> {
  const translator = new AgUiTranslator(body);
  const events: AsyncIterable<RunEvent> = live.follow(0, signal);
  yield translator.begin(live.run.id).map(sseData).join("");
  const foreign = (body.tools ?? []).map((tool) => tool.name);
  if (foreign.length > 0) {
    const text = `Tools of the client are not run here: ${foreign.join(", ")}.`;
    yield sseData({ type: "CUSTOM", name: "hearth.notice", value: { text } });
  }
  for await (const event of events) {
    const out = translator.take(event);
    if (out.length > 0) yield out.map(sseData).join("");
  }
}
