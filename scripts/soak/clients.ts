/** Clients of every kind, each for ever in a loop: asking, streaming, following, leaving, asking wrongly. */
import { request } from "node:http";

export interface Tally {
  requests: number;
  left: number;
  /** Kept connections that were closed just as they were used, and asked again on another: HTTP allows that (RFC 9112, 9.3.1). */
  again: number;
  /** What should not have been, at most 50. */
  errors: string[];
  byKind: Record<string, number>;
}

type Kind = (client: Client) => Promise<void>;

const JSON_TYPE = { "content-type": "application/json" };
const user = (content: string) => ({ model: "mock", messages: [{ role: "user", content }] });

/** One client: what it does next is drawn from a generator of its own, so that a seed is a whole run. */
class Client {
  readonly url: string;
  readonly tally: Tally;
  #state: number;

  constructor(url: string, tally: Tally, seed: number) {
    this.url = url;
    this.tally = tally;
    this.#state = (seed * 2_654_435_761) % 2_147_483_647 || 1;
  }

  /** Park and Miller. */
  random(): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647;
    return this.#state / 2_147_483_647;
  }

  post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
    this.tally.requests++;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return this.#send(path, { method: "POST", headers: JSON_TYPE, body: text, ...init });
  }

  get(path: string, init: RequestInit = {}): Promise<Response> {
    this.tally.requests++;
    return this.#send(path, init);
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(this.url + path, init);
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
      if (!/ECONNRESET|other side closed/.test(cause)) throw error;
      this.tally.again++;
      return fetch(this.url + path, init);
    }
  }

  expect(what: string, holds: boolean, found: unknown): void {
    if (holds || this.tally.errors.length >= 50) return;
    this.tally.errors.push(`${what}: ${String(found).slice(0, 200)}`);
  }

  /** Asks, and looks for what a whole answer ends with. A full line is an answer too, as long as it says when to come back. */
  async whole(path: string, body: unknown, end: RegExp): Promise<void> {
    const reply = await this.post(path, body);
    const text = await reply.text();
    if (reply.status === 429 || reply.status === 503) {
      this.expect(`${path} without Retry-After`, reply.headers.has("retry-after"), text);
      return;
    }
    this.expect(`${path} ${reply.status}`, reply.status === 200 && end.test(text), text.slice(-200));
  }

  /** Goes away after a while, in the middle of a stream or before an answer. */
  async leave(path: string, body: unknown): Promise<void> {
    const away = new AbortController();
    const timer = setTimeout(() => away.abort(), 20 + this.random() * 400);
    try {
      const reply = await this.post(path, body, { signal: away.signal });
      await reply.text();
    } catch {
      this.tally.left++;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Seqs of a run's events from one follower that is cut off twice and comes back with the last id it has. */
async function follow(client: Client, runId: string): Promise<void> {
  const seqs: number[] = [];
  for (let visit = 0; visit < 20; visit++) {
    const away = new AbortController();
    const most = visit < 2 ? 1 + Math.floor(client.random() * 8) : Number.POSITIVE_INFINITY;
    const reply = await client.get(`/agent/runs/${runId}/events`, {
      headers: { "last-event-id": String(seqs.at(-1) ?? 0) },
      signal: away.signal,
    });
    if (reply.status === 204) break;
    let rest = "";
    let ended = false;
    let count = 0;
    for await (const chunk of reply.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const frames = (rest + chunk).split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) {
        const id = /^id: (\d+)$/m.exec(frame)?.[1];
        if (id === undefined || count >= most) continue;
        count++;
        seqs.push(Number(id));
        ended ||= frame.includes("event: run.finished");
      }
      if (count >= most) break;
    }
    away.abort();
    if (ended) break;
  }
  const whole = seqs.every((seq, i) => seq === i + 1);
  client.expect(`events of ${runId}`, whole && seqs.length > 0, seqs.join(" "));
}

/** A request that no client library would send; gives the status. */
function raw(client: Client, headers: Record<string, string>): Promise<number> {
  client.tally.requests++;
  return new Promise((resolve, reject) => {
    const outgoing = request(`${client.url}/v1/models`, { headers }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode ?? 0));
    });
    outgoing.once("error", reject);
    outgoing.end();
  });
}

const CASES: readonly (readonly [weight: number, name: string, kind: Kind])[] = [
  [10, "openai", (c) => c.whole("/v1/chat/completions", user("Hello."), /"finish_reason":"stop"/)],
  [
    10,
    "openai stream",
    (c) => c.whole("/v1/chat/completions", { ...user("Hello."), stream: true }, /data: \[DONE\]\s*$/),
  ],
  [8, "ollama stream", (c) => c.whole("/api/chat", user("Hello."), /"done":true/)],
  [4, "ollama", (c) => c.whole("/api/chat", { ...user("Hello."), stream: false }, /"done":true/)],
  [
    6,
    "anthropic stream",
    (c) => c.whole("/v1/messages", { ...user("Hello."), max_tokens: 99, stream: true }, /message_stop/),
  ],
  [
    4,
    "responses",
    (c) => c.whole("/v1/responses", { model: "mock", input: "Hello." }, /"status":"completed"/),
  ],
  [8, "agent", (c) => c.whole("/agent", { input: "What is the sum?" }, /"stopReason":"answer"/)],
  [6, "agent stream", (c) => c.whole("/agent", { input: "What is the sum?", stream: true }, /run\.finished/)],
  [
    3,
    "agent behind a model",
    (c) => c.whole("/v1/chat/completions", { ...user("The sum."), model: "agent:hearth" }, /"stop"/),
  ],
  [
    2,
    "agent retries",
    (c) => c.whole("/agent", { input: `It is broken. ${c.random()}` }, /"stopReason":"answer"/),
  ],
  [4, "letter", (c) => c.whole("/agent", { input: "Send the letter." }, /"stopReason":"answer"/)],
  [
    6,
    "followed",
    async (c) => {
      const reply = await c.post("/agent", { input: "Say the sum slowly.", background: true });
      const body = (await reply.json()) as { runId?: string };
      if (reply.status !== 202 || body.runId === undefined) return;
      const id = body.runId;
      await Promise.all([follow(c, id), follow(c, id)]);
    },
  ],
  [6, "leaves a stream", (c) => c.leave("/v1/chat/completions", { ...user("Go on slowly."), stream: true })],
  [4, "leaves before the answer", (c) => c.leave("/api/chat", { ...user("Go on slowly."), stream: false })],
  [2, "leaves an agent", (c) => c.leave("/agent", { input: "What is the sum?", stream: true })],
  [
    4,
    "asks wrongly",
    async (c) => {
      const bad = await c.post("/v1/chat/completions", "{not json");
      c.expect("bad JSON", bad.status === 400, `${bad.status} ${await bad.text()}`);
      const model = await c.post("/v1/chat/completions", {
        ...user("x"),
        model: `none-${Math.floor(c.random() * 1e9)}`,
      });
      c.expect(
        "unknown model",
        [404, 429, 503].includes(model.status),
        `${model.status} ${await model.text()}`,
      );
      const route = await c.get(`/nowhere/${Math.floor(c.random() * 1e9)}`);
      c.expect("unknown route", route.status === 404, `${route.status} ${await route.text()}`);
      const run = await c.get(`/agent/runs/none-${Math.floor(c.random() * 1e9)}`);
      c.expect("unknown run", run.status === 404, `${run.status} ${await run.text()}`);
      const foreign = { host: "elsewhere.example" };
      const host = await raw(c, foreign).catch(() => raw(c, foreign));
      c.expect("foreign host", host === 403 || host === 421, host);
    },
  ],
  [
    4,
    "looks",
    async (c) => {
      for (const path of [
        "/v1/models",
        "/api/tags",
        "/agent/runs?limit=20",
        "/readyz",
        "/api/queue",
        "/openapi.json",
      ]) {
        const reply = await c.get(path);
        c.expect(path, reply.status === 200, `${reply.status} ${(await reply.text()).slice(0, 200)}`);
      }
    },
  ],
];

const SANDBOXED: typeof CASES = [
  [1, "program", (c) => c.whole("/agent", { input: "Run the program." }, /"stopReason":"answer"/)],
  [1, "sandboxed command", (c) => c.whole("/agent", { input: "Run the command." }, /"stopReason":"answer"/)],
];

/** Keeps `count` clients at work until the signal fires, with up to `pauseMs` between two requests; resolves when all have their last answer. */
export async function load(
  url: string,
  options: { count: number; pauseMs: number; sandbox: boolean; seed: number; signal: AbortSignal },
): Promise<Tally> {
  const tally: Tally = { requests: 0, left: 0, again: 0, errors: [], byKind: {} };
  const cases = options.sandbox ? [...CASES, ...SANDBOXED] : CASES;
  const total = cases.reduce((sum, [weight]) => sum + weight, 0);
  const one = async (index: number): Promise<void> => {
    const client = new Client(url, tally, options.seed * 1000 + index + 1);
    while (!options.signal.aborted) {
      let at = client.random() * total;
      const [, name, kind] = cases.find(([weight]) => (at -= weight) < 0) ?? cases[0]!;
      tally.byKind[name] = (tally.byKind[name] ?? 0) + 1;
      try {
        await kind(client);
      } catch (error) {
        client.expect(
          name,
          false,
          error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : error,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, client.random() * options.pauseMs));
    }
  };
  await Promise.all(Array.from({ length: options.count }, (_, i) => one(i)));
  return tally;
}
