import type { Context } from "hono";
import { type Principal, principalOf } from "../../access/index.ts";
import { bool, integer, object, type Routes } from "../../openapi/index.ts";
import { RequestError } from "../../problem.ts";
import { ASK_HEADERS, type Caller, callerOf, type WireContext } from "../context.ts";
import { answer, isAgentName, type Question } from "../model/index.ts";
import { begun, leaving, SSE, sseFrame, streamed } from "../stream.ts";
import { ResponseBuilder, type ResponseEvent } from "./builder.ts";
import { questionOf } from "./request.ts";
import { RESPONSE_REQUEST, type ResponseBody } from "./schema.ts";
import { ResponseRun, ResponseStore } from "./store.ts";

const TAG = "OpenAI";
const BOTH = { 200: { description: "The response", content: ["application/json", "text/event-stream"] } };

/** OpenAI's Responses: whole, streamed or in the background; the newest are kept in memory to go on from. */
export function responsesWire(routes: Routes, context: WireContext): void {
  const store = new ResponseStore();
  const kept = (c: Context): ResponseRun => {
    const id = c.req.param("id") ?? "";
    const run = store.get(id, principalOf(c).tenant);
    if (run !== undefined) return run;
    throw new RequestError(404, `There is no response "${id}" here.`, {
      remedy: "The newest responses are kept in memory; a restart forgets them.",
    });
  };

  routes.add(
    {
      method: "POST",
      path: "/v1/responses",
      id: "createResponse",
      headers: ASK_HEADERS,
      access: "models",
      tag: TAG,
      summary: "A response: whole, streamed, or in the background",
      body: RESPONSE_REQUEST,
      examples: {
        plain: { model: "qwen3:8b", input: "Hello." },
        background: { model: "agent:hearth", input: "What is in this folder?", background: true },
      },
      answers: BOTH,
    },
    async (c, body) => {
      const background = body.background === true;
      if (background && body.store === false)
        throw new RequestError(400, "A response in the background has to be stored.", { param: "store" });
      const by = callerOf(c);
      const before = previous(body, by);
      const question = questionOf(body, before);
      const asked = question.messages.slice(body.instructions ? 1 : 0);
      const stop = background ? new AbortController() : leaving(c);
      const run = new ResponseRun(new ResponseBuilder(body), asked, body.input, stop, background);
      // What goes on without its client counts as a run; an agent takes the place for its own itself.
      const counts = background && !isAgentName(question.model);
      const leave = counts ? context.takeRun(by, () => run.cancel()) : () => undefined;
      const events = ask(by, question, stop.signal, leave);
      // In front: what fails at once gets its status. In the background the response itself tells.
      const making = run.drive(background ? events : await begun(events));
      void making.then(leave);
      if (body.store !== false) store.add(run, by.tenant);
      if (body.stream === true) return stream(c, run, -1, background ? undefined : () => stop.abort());
      if (!background) {
        await making;
        if (run.failure !== undefined) throw run.failure;
      }
      return c.json(run.builder.response());
    },
  );

  routes.add(
    {
      method: "GET",
      path: "/v1/responses/:id",
      id: "getResponse",
      access: "models",
      tag: TAG,
      summary: "A response as it stands, or its events from any place on",
      query: {
        stream: { schema: bool(), description: "`true` for its events" },
        starting_after: {
          schema: integer({ minimum: 0 }),
          description: "Only events after this sequence_number",
        },
      },
      answers: BOTH,
    },
    (c) => {
      const run = kept(c);
      if (c.req.query("stream") !== "true") return c.json(run.builder.response());
      const after = c.req.query("starting_after") ?? "-1";
      if (!/^(-1|\d{1,12})$/.test(after))
        throw new RequestError(400, "`starting_after` must be a whole number.", { param: "starting_after" });
      return stream(c, run, Number(after), undefined);
    },
  );

  routes.add(
    {
      method: "GET",
      path: "/v1/responses/:id/input_items",
      id: "listInputItems",
      access: "models",
      tag: TAG,
      summary: "What a response was asked with",
    },
    (c) => {
      const { input } = kept(c);
      const items = typeof input === "string" ? [{ type: "message", role: "user", content: input }] : input;
      const data = items.map((item, i) => ({
        id: `item_${i}`,
        ...item,
        ...(typeof item.content === "string"
          ? { content: [{ type: "input_text", text: item.content }] }
          : {}),
      }));
      return c.json({
        object: "list",
        data,
        first_id: data[0]?.id,
        last_id: data.at(-1)?.id,
        has_more: false,
      });
    },
  );

  routes.add(
    {
      method: "POST",
      path: "/v1/responses/:id/cancel",
      id: "cancelResponse",
      access: "models",
      tag: TAG,
      summary: "Stops a response in the background",
      body: object({}),
      bodyOptional: true,
    },
    async (c) => {
      const run = kept(c);
      if (!run.background) throw new RequestError(400, "Only a response in the background can be cancelled.");
      run.cancel();
      for await (const _ of run.log.follow(leaving(c).signal));
      return c.json(run.builder.response());
    },
  );

  routes.add(
    {
      method: "DELETE",
      path: "/v1/responses/:id",
      id: "deleteResponse",
      access: "models",
      tag: TAG,
      summary: "Forgets a response",
    },
    (c) => {
      const run = kept(c);
      const { id } = run.builder;
      store.delete(run);
      return c.json({ id, object: "response", deleted: true });
    },
  );

  /** Without a place in line the one for the run is given back. */
  function ask(by: Caller, question: Question, signal: AbortSignal, leave: () => void) {
    try {
      return answer(context, by, question, signal);
    } catch (error) {
      leave();
      throw error;
    }
  }

  function previous({ previous_response_id: id }: ResponseBody, { tenant }: Principal) {
    if (id === null || id === undefined) return [];
    const run = store.get(id, tenant);
    if (run?.builder.status === "completed" || run?.builder.status === "incomplete") return run.messages;
    const why = run === undefined ? "not found" : `not completed (${run.builder.status})`;
    throw new RequestError(400, `Previous response with id '${id}' ${why}.`, {
      code: "previous_response_not_found",
      param: "previous_response_id",
    });
  }
}

function stream(c: Context, run: ResponseRun, after: number, left: (() => void) | undefined): Response {
  const gone = new AbortController();
  const leave = (): void => {
    gone.abort();
    left?.();
  };
  return streamed(c, SSE, frames(run.log.follow(gone.signal), after), leave);
}

async function* frames(events: AsyncIterable<ResponseEvent>, after: number): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.sequence_number > after) yield sseFrame(event.type, event);
  }
}
