import { emergencyStop, liftStop } from "@hearth/runtime";
import { hasScope, principalOf } from "../access/index.ts";
import { bool, integer, object, oneOf, optional, type Routes, record } from "../openapi/index.ts";
import { RequestError } from "../problem.ts";
import { accepts, answerRun, started } from "./agent.ts";
import type { WireContext } from "./context.ts";
import { type Driver, signed } from "./drive.ts";
import { fullFrames, simpleFrames } from "./events.ts";
import { eventsOf, hasEnded, type RunView, replay, statusOf, viewOf } from "./run-log.ts";
import { leaving, SSE, streamed } from "./stream.ts";

const TAG = "Runs";
const LIST_LIMIT = 50;
/** How long a cancel waits to tell how the run ended: 2 s. */
const CANCEL_MS = 2000;

const RESUME_REQUEST = object({ stream: optional(bool()), background: optional(bool()) }, { closed: true });

const APPROVAL_REQUEST = object(
  {
    decision: oneOf("approve", "refuse"),
    arguments: optional(record("What to run instead, in place of the model's own")),
  },
  { closed: true },
);

const STOP_REQUEST = object(
  { lift: optional(bool("Let tools run again, in place of stopping")) },
  { closed: true },
);
const STOPPED_BY = "HTTP";
const STOPPED = 'The emergency stop was pulled over HTTP; POST /agent/stop {"lift": true} lifts it.';

/** Runs: listed, shown, followed, cancelled, resumed, approved, stopped. */
export function runsWire(routes: Routes, context: WireContext, driver: Driver): void {
  const { journal, live } = driver;

  async function shown(tenant: string, id: string): Promise<RunView> {
    const events = await eventsOf(journal, tenant, id);
    const last = events.at(-1);
    const end = last?.type === "run.finished" ? { stopReason: last.stopReason } : {};
    return viewOf(id, events, live, await driver.takenCareOf([{ runId: id, ...end }]));
  }

  routes.add(
    {
      method: "GET",
      path: "/agent/runs",
      id: "listRuns",
      access: "agents",
      tag: TAG,
      summary: "Runs, newest first",
      query: {
        limit: { schema: integer({ minimum: 1 }), description: `At most so many; default ${LIST_LIMIT}` },
      },
    },
    async (c) => {
      const limit = whole(c.req.query("limit"), "limit", 1) ?? LIST_LIMIT;
      const runs = await journal.list({ tenant: principalOf(c).tenant, limit });
      const taken = await driver.takenCareOf(runs);
      return c.json({ runs: runs.map((run) => ({ ...run, status: statusOf(run, live, taken) })) });
    },
  );

  routes.add(
    {
      method: "GET",
      path: "/agent/runs/:id",
      id: "showRun",
      access: "agents",
      tag: TAG,
      summary: "How a run stands, and what it waits for",
    },
    async (c) => {
      const id = c.req.param("id") ?? "";
      return c.json(await shown(principalOf(c).tenant, id));
    },
  );

  routes.add(
    {
      method: "GET",
      path: "/agent/runs/:id/events",
      id: "followRun",
      access: "agents",
      tag: TAG,
      summary: "The events of a run, from the log and live, until it ends",
      query: {
        after: { schema: integer({ minimum: 0 }), description: "Only events after this seq" },
        events: { schema: oneOf("simple"), description: "`simple` for the four plain events" },
      },
      headers: { "last-event-id": "As browsers send it when they come back; goes before `after`" },
      answers: {
        200: { description: "Server-sent events; their id is the seq", content: ["text/event-stream"] },
        204: { description: "The run has ended, and there is nothing after that seq", content: [] },
      },
    },
    async (c) => {
      const id = c.req.param("id") ?? "";
      const after =
        whole(c.req.header("last-event-id"), "last-event-id") ?? whole(c.req.query("after"), "after") ?? 0;
      const { tenant } = principalOf(c);
      const fresh = await eventsOf(journal, tenant, id, after);
      // A browser asks again after each end; 204 tells it to stop.
      if (fresh.length === 0 && live.get(id) === undefined && (await hasEnded(journal, tenant, id, after)))
        return c.body(null, 204);
      const left = leaving(c);
      const events = replay(journal, live, { runId: id, tenant }, after, left.signal);
      const frames = c.req.query("events") === "simple" ? simpleFrames(events) : fullFrames(events);
      return streamed(c, SSE, frames, () => left.abort());
    },
  );

  routes.add(
    {
      method: "POST",
      path: "/agent/runs/:id/cancel",
      id: "cancelRun",
      access: "agents",
      tag: TAG,
      summary: "Stops a run at once",
      body: object({}),
      bodyOptional: true,
      answers: { 200: { description: "It is cancelled" }, 202: { description: "Its driver was told" } },
    },
    async (c) => {
      const id = c.req.param("id") ?? "";
      const by = principalOf(c);
      const view = await shown(by.tenant, id);
      const going = live.get(id);
      if (going !== undefined) {
        going.run.cancel("cancelled over HTTP");
        await Promise.race([going.done, new Promise((resolve) => setTimeout(resolve, CANCEL_MS).unref())]);
        return c.json(viewOf(id, await eventsOf(journal, by.tenant, id), live));
      }
      if (view.status === "finished")
        throw new RequestError(409, `Run ${id} has ended already: ${view.stopReason}.`);
      await journal.send(id, { kind: "cancel", by: signed("HTTP", by) });
      return c.json({ runId: id, status: view.status }, 202);
    },
  );

  routes.add(
    {
      method: "POST",
      path: "/agent/runs/:id/resume",
      id: "resumeRun",
      access: "agents",
      tag: TAG,
      token: true,
      summary: "Goes on with a run that waits or was interrupted",
      body: RESUME_REQUEST,
      bodyOptional: true,
      examples: { stream: { stream: true } },
      answers: {
        200: {
          description: "Its outcome, or its events",
          content: ["application/json", "text/event-stream"],
        },
        202: { description: "It goes on in the background" },
      },
    },
    async (c, body) => {
      const going = await driver.resume(c.req.param("id") ?? "", principalOf(c));
      if (body.background === true) return c.json(started(going), 202);
      return answerRun(c, context, going, { stream: body.stream ?? accepts(c), simple: false });
    },
  );

  routes.add(
    {
      method: "POST",
      path: "/agent/runs/:id/approvals/:callId",
      id: "decide",
      access: "tools",
      tag: TAG,
      token: true,
      summary: "Lets a call run or refuses it",
      description: "Once every call of the run is decided, the run goes on by itself.",
      body: APPROVAL_REQUEST,
      examples: {
        approve: { decision: "approve" },
        edited: { decision: "approve", arguments: { path: "notes.txt" } },
      },
      answers: { 202: { description: "Written down; `open` are the calls that still wait" } },
    },
    async (c, { decision, arguments: args }) => {
      const runId = c.req.param("id") ?? "";
      const callId = c.req.param("callId") ?? "";
      const by = principalOf(c);
      const answer = { decision, by: signed("HTTP", by), arguments: args };
      const { open, live: going } = await driver.decide(runId, callId, answer, by);
      return c.json(
        { runId, callId, decision, status: going === undefined ? "waiting" : "running", open },
        202,
      );
    },
  );

  routes.add(
    {
      method: "POST",
      path: "/agent/stop",
      id: "stopAll",
      access: "agents",
      tag: TAG,
      token: true,
      summary: "Emergency stop: cancels all runs; for a key without the scope admin, those of its tenant",
      description:
        "With the scope admin it also ends every tool of this service, and none starts until `lift` is sent. `hearth stop` does it for all processes.",
      body: STOP_REQUEST,
      bodyOptional: true,
      examples: { lift: { lift: true } },
    },
    async (c, { lift }) => {
      const by = principalOf(c);
      const mayHalt = hasScope(by, "admin");
      if (lift === true) {
        if (!mayHalt) throw new RequestError(403, "Lifting the stop needs a key with the scope admin.");
        return c.json({ lifted: liftStop(STOPPED_BY) });
      }
      const stopping = driver.stopAll("the emergency stop was pressed", by);
      if (mayHalt) emergencyStop(STOPPED, STOPPED_BY);
      return c.json({ stopped: await stopping });
    },
  );
}

/** A number that a client sent as text. */
function whole(value: string | undefined, param: string, least = 0): number | undefined {
  if (value === undefined || value === "") return undefined;
  if (/^\d{1,15}$/.test(value) && Number(value) >= least) return Number(value);
  throw new RequestError(400, `\`${param}\` must be a whole number from ${least}, not "${value}".`, {
    param,
  });
}
