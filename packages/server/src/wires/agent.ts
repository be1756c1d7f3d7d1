import { type AgentOptions, agent, type Outcome, type Run, type Tool } from "hearth";
import type { Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { MAX_BODY_BYTES } from "../guard.ts";
import { problem } from "../problem.ts";
import { QueueFullError, queued, type RunQueue, type Ticket } from "../queue/index.ts";
import { bodyOf, fullFrames, simpleFrames } from "./sse.ts";

export interface AgentWireOptions {
  /** What each run is made from; the request may narrow it. */
  agent: AgentOptions & { tools: readonly Tool[] };
  queue: RunQueue;
  /** Whether a run goes on when its client leaves: only where a journal keeps it. */
  detached: boolean;
}

interface AgentRequest {
  input: string;
  stream: boolean;
  model?: string;
  tools?: string[];
}

/** `POST /agent`: one run, as JSON or as server-sent events. */
export function agentWire(app: Hono, options: AgentWireOptions): void {
  const tooLarge = (c: Context): Response =>
    problem(c, 413, "too_large", `A body may have ${MAX_BODY_BYTES} bytes at most.`);
  app.post("/agent", bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }), async (c) => {
    const parsed = parseRequest(await c.req.text(), c.req.header("accept") ?? "");
    if (typeof parsed === "string") return problem(c, 400, "bad_request", parsed, 'Send {"input": "…"}.');
    const tools = pickTools(options.agent.tools, parsed.tools);
    if (typeof tools === "string") return problem(c, 400, "unknown_tool", tools);
    let ticket: Ticket;
    try {
      ticket = options.queue.draw();
    } catch (error) {
      if (!(error instanceof QueueFullError)) throw error;
      return problem(c, 429, "queue_full", error.message, error.remedy, {
        "retry-after": String(error.retryAfterS),
      });
    }
    const run = startRun(options.agent, tools, parsed, ticket);
    const left = (): void => {
      if (!options.detached) run.cancel("the client left");
    };
    if (parsed.stream) {
      const simple = c.req.query("events") === "simple";
      return new Response(bodyOf(simple ? simpleFrames(run.events) : fullFrames(run.events), left), {
        headers: {
          "content-type": "text/event-stream; charset=utf-8",
          "cache-control": "no-store",
          "x-run-id": run.id,
        },
      });
    }
    c.req.raw.signal.addEventListener("abort", left, { once: true });
    return answer(c, await run);
  });
}

function startRun(
  base: AgentWireOptions["agent"],
  tools: readonly Tool[],
  request: AgentRequest,
  ticket: Ticket,
): Run {
  const { engine, model } = base.model;
  const name = request.model ?? model;
  const run = agent({
    ...base,
    tools,
    model: { engine: queued(engine, ticket), ...(name === undefined ? {} : { model: name }) },
  }).run(request.input);
  void run.outcome.catch(() => undefined).finally(() => ticket.release());
  return run;
}

function answer(c: Context, outcome: Outcome): Response {
  const { text, stopReason, runId, usage, error } = outcome;
  if (stopReason === "engine_error") {
    const { message, remedy } = error ?? { message: text };
    return c.json(
      {
        error: { code: "engine_error", message, ...(remedy === undefined ? {} : { hint: remedy }) },
        stopReason,
        runId,
      },
      502,
    );
  }
  return c.json({ result: text, text, stopReason, runId, usage });
}

/** The request, or in one sentence what is wrong with it. */
function parseRequest(body: string, accept: string): AgentRequest | string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return "The body is not valid JSON.";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return "The body must be a JSON object.";
  const { input, stream, model, tools, ...rest } = value as Record<string, unknown>;
  const unknown = Object.keys(rest);
  if (unknown.length > 0)
    return `Unknown field "${unknown[0]}": this server knows input, stream, model and tools.`;
  if (typeof input !== "string" || input.trim() === "") return "`input` must be a text that is not empty.";
  if (stream !== undefined && typeof stream !== "boolean") return "`stream` must be true or false.";
  if (model !== undefined && typeof model !== "string") return "`model` must be a text.";
  if (tools !== undefined && !(Array.isArray(tools) && tools.every((name) => typeof name === "string"))) {
    return "`tools` must be a list of names.";
  }
  const request: AgentRequest = { input, stream: stream ?? accept.includes("text/event-stream") };
  if (model !== undefined) request.model = model;
  if (tools !== undefined) request.tools = tools as string[];
  return request;
}

function pickTools(all: readonly Tool[], names: readonly string[] | undefined): readonly Tool[] | string {
  if (names === undefined) return all;
  const missing = names.find((name) => !all.some((tool) => tool.name === name));
  if (missing !== undefined)
    return `There is no tool "${missing}" here: ${all.map((tool) => tool.name).join(", ")}.`;
  return all.filter((tool) => names.includes(tool.name));
}
