import { type Service, skip, startService, until } from "../../packages/server/test/process/support.ts";

type Say = (ok: boolean, line: string) => void;

/** How soon a full line says no. */
const REFUSAL_MS = 10;
/** How soon who leaves is out of line, and the engine let go. */
const LEAVE_MS = 50;
const REFUSALS = 50;
const LEAVES = 3;
/** Rounds, of which the quietest counts: other programs on this machine are not what is measured. */
const ROUNDS = 5;
const REFUSAL_ROUNDS = 20;
/** After that long something is stuck. */
const PATIENCE_MS = 20_000;
const MAX_QUEUE = 8;

const messages = [{ role: "user", content: "Go on." }];

interface Wire {
  path: string;
  body: object;
  /** Where a run or a response goes on without its client, its cancel. */
  cancel?: (id: string) => string;
}

const byRun = (id: string): string => `/agent/runs/${id}/cancel`;

const WIRES: readonly Wire[] = [
  { path: "/v1/chat/completions", body: { messages } },
  { path: "/v1/chat/completions", body: { messages, stream: true } },
  { path: "/v1/chat/completions", body: { messages, model: "agent:hearth" } },
  { path: "/v1/chat/completions", body: { messages, model: "agent:hearth", stream: true } },
  { path: "/v1/responses", body: { input: "Go on." } },
  { path: "/v1/responses", body: { input: "Go on.", stream: true } },
  {
    path: "/v1/responses",
    body: { input: "Go on.", background: true },
    cancel: (id) => `/v1/responses/${id}/cancel`,
  },
  { path: "/v1/messages", body: { messages, max_tokens: 9999 } },
  { path: "/v1/messages", body: { messages, max_tokens: 9999, stream: true } },
  { path: "/api/chat", body: { messages, stream: false } },
  { path: "/api/chat", body: { messages } },
  { path: "/api/generate", body: { prompt: "Go on.", stream: false } },
  { path: "/api/generate", body: { prompt: "Go on." } },
  { path: "/agent", body: { input: "Go on.", background: true }, cancel: byRun },
  { path: "/agent", body: { input: "Go on.", stream: true }, cancel: byRun },
  {
    path: "/agent/ag-ui",
    body: { threadId: "t", runId: "r", messages: [{ id: "m", role: "user", content: "Go on." }] },
    cancel: byRun,
  },
  {
    path: "/agent/ui-message-stream",
    body: { messages: [{ id: "m", role: "user", parts: [{ type: "text", text: "Go on." }] }] },
    cancel: byRun,
  },
];

/** Over real sockets: a full line, leaving the line, leaving the engine, on every wire. */
export async function proveHttp(say: Say): Promise<void> {
  console.log("");
  if (skip !== false) {
    say(false, `over HTTP: ${skip}`);
    return;
  }
  const endless = () => ({ text: "word ".repeat(100_000), gapMs: 10, textChunk: 5 });
  const args = ["--parallel", "1", "--max-queue", String(MAX_QUEUE)];
  await using service = await startService(endless, { args });
  for (const wire of WIRES) await leavesEngine(service, wire, say);
  for (const wire of WIRES) await leavesLine(service, wire, say);
  await refusals(service, say);
}

/** A request that goes on until it is told to stop. */
class Going {
  readonly #service: Service;
  readonly #wire: Wire;
  readonly #leave = new AbortController();
  /** The id to cancel by. With the answer itself: `fetch` lets go of the connection of one that nobody can read any more. */
  readonly #reply: Promise<{ id: string; held?: Response }>;

  constructor(service: Service, wire: Wire) {
    this.#service = service;
    this.#wire = wire;
    this.#reply = ask(service, wire.path, wire.body, this.#leave.signal)
      .then(async (reply) => {
        const named = reply.headers.get("x-run-id");
        if (named !== null) return { id: named, held: reply };
        if (wire.cancel === undefined) return { id: "", held: reply };
        return { id: ((await reply.json()) as { id: string }).id };
      })
      .catch(() => ({ id: "" }));
  }

  /** Leaves, or cancels what would go on. Resolves when that was sent. */
  async stop(): Promise<void> {
    const { cancel } = this.#wire;
    if (cancel !== undefined)
      void ask(this.#service, cancel((await this.#reply).id), {}).catch(() => undefined);
    else this.#leave.abort();
  }

  async over(): Promise<void> {
    await this.#reply;
    this.#leave.abort();
  }
}

function ask(service: Service, path: string, body: object, signal?: AbortSignal): Promise<Response> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${service.token}` };
  const json = JSON.stringify(path.startsWith("/agent") ? body : { model: "mock", ...body });
  return fetch(service.url + path, { method: "POST", headers, body: json, signal: signal ?? null });
}

interface Line {
  waiting: number;
  running: number;
}

const line = async ({ url }: Service): Promise<Line> =>
  (await (await fetch(`${url}/api/queue`)).json()) as Line;

async function lineIs(service: Service, holds: (now: Line) => boolean): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !holds(await line(service)); )
    if (Date.now() > end) throw new Error(`The line stays ${JSON.stringify(await line(service))}.`);
}

/** The longest of several times; measured again where it is over the bound, for another program may have had the processor. */
async function worstOf(measure: () => Promise<number>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS && best > LEAVE_MS; round++) {
    let worst = 0;
    for (let i = 0; i < LEAVES; i++) worst = Math.max(worst, await measure());
    best = Math.min(best, worst);
  }
  return best;
}

async function leavesEngine(service: Service, wire: Wire, say: Say): Promise<void> {
  const { engine } = service;
  const worst = await worstOf(async () => {
    const before = engine.chats.length;
    const going = new Going(service, wire);
    await until(() => engine.chats.length > before, PATIENCE_MS);
    await new Promise((resolve) => setTimeout(resolve, 40));
    const stopping = going.stop();
    const left = Date.now();
    await stopping;
    const chat = engine.chats[before];
    await until(() => chat?.closedAbs !== undefined, PATIENCE_MS);
    await going.over();
    await lineIs(service, ({ running, waiting }) => running + waiting === 0);
    return (chat?.closedAbs ?? 0) - left;
  });
  say(
    worst <= LEAVE_MS,
    `${nameOf(wire)}: stopped ${LEAVES} times, the engine was let go after ${worst} ms at most`,
  );
}

async function leavesLine(service: Service, wire: Wire, say: Say): Promise<void> {
  const before = service.engine.chats.length;
  const first = new Going(service, WIRES[0]!);
  await until(() => service.engine.chats.length > before, PATIENCE_MS);
  const asked = service.engine.chats.length;
  const worst = await worstOf(async () => {
    const going = new Going(service, wire);
    await lineIs(service, ({ waiting }) => waiting === 1);
    const stopping = going.stop();
    const left = performance.now();
    await stopping;
    await lineIs(service, ({ waiting }) => waiting === 0);
    const ms = performance.now() - left;
    await going.over();
    return ms;
  });
  const reached = service.engine.chats.length - asked;
  await first.stop();
  await lineIs(service, ({ running, waiting }) => running + waiting === 0);
  say(
    worst <= LEAVE_MS && reached === 0,
    `${nameOf(wire)}: left the line ${LEAVES} times, its place was free after ${worst.toFixed(0)} ms at most, ${reached} questions reached the engine`,
  );
}

function nameOf({ path, body, cancel }: Wire): string {
  const { stream, model, background } = body as { stream?: boolean; model?: string; background?: boolean };
  const more = [
    model,
    stream === true ? "streamed" : "",
    background ? "background" : "",
    cancel ? "cancelled" : "",
  ];
  return [path, ...more.filter(Boolean)].join(" ");
}

async function refusals(service: Service, say: Say): Promise<void> {
  const filling = Array.from({ length: MAX_QUEUE + 1 }, () => new Going(service, WIRES[1]!));
  await lineIs(service, ({ running, waiting }) => running + waiting === MAX_QUEUE + 1);
  const rounds: number[][] = [];
  let told = 0;
  for (let round = 0; round < REFUSAL_ROUNDS; round++) {
    const times: number[] = [];
    for (let i = 0; i < REFUSALS; i++) {
      const began = performance.now();
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const reply = await ask(service, "/v1/chat/completions", { messages }, signal);
      await reply.text();
      times.push(performance.now() - began);
      const known = reply.status === 429 || reply.status === 503;
      if (known && Number(reply.headers.get("retry-after")) > 0) told++;
    }
    rounds.push(times.sort((a, b) => a - b));
  }
  const { waiting } = await line(service);
  for (const one of filling) await one.stop();
  const at = (share: number): number =>
    Math.min(...rounds.map((times) => times[Math.floor(REFUSALS * share)] ?? Number.NaN));
  say(
    told === REFUSAL_ROUNDS * REFUSALS && waiting === MAX_QUEUE && at(0.95) <= REFUSAL_MS,
    `a full line, loaded model: ${told} of ${REFUSAL_ROUNDS * REFUSALS} told to come back (429 or 503 with Retry-After) in ${at(0.5).toFixed(1)} ms (median), ${at(0.95).toFixed(1)} ms (p95); ${waiting} wait, never more`,
  );
}
