/** What only a real service shows: slow and large requests, shares of a key, keys that end while they are used. */
import type { Socket } from "node:net";
import type { TestKeys } from "./keys.ts";
import { answerOf, ask, open } from "./raw.ts";
import type { Route } from "./routes.ts";
import { type Guarded, hearth, QUICK } from "./service.ts";
import type { Tally } from "./tally.ts";

const JSON_TYPE = ["Content-Type", "application/json"] as const;
const bearer = (key: string): readonly [string, string] => ["Authorization", `Bearer ${key}`];
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Beyond the limit: how often it is looked at, and what a busy machine adds. */
const GRACE_MS = 2500;

/** Requests that never come to their end, on every route: each is ended by the service, in its time. */
export async function slowProbes(
  { url }: Guarded,
  routes: readonly Route[],
  { blue }: TestKeys,
  tally: Tally,
): Promise<void> {
  const host = new URL(url).host;
  const head = ({ method, path }: Route): string =>
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${blue}\r\n`;
  const dripping = (socket: Socket, piece: string): void => {
    const timer = setInterval(() => socket.write(piece), 100);
    socket.on("close", () => clearInterval(timer));
  };
  const cases: [kind: string, what: string, limitS: number, begin: (socket: Socket, route: Route) => void][] =
    [
      ["slow headers", "nothing at all", QUICK.headersTimeout, () => undefined],
      ["slow headers", "none", QUICK.headersTimeout, (socket) => socket.write("GET")],
      ["slow headers", "never the last", QUICK.headersTimeout, (socket, route) => socket.write(head(route))],
      [
        "slow headers",
        "one after the other",
        QUICK.headersTimeout,
        (socket, route) => {
          socket.write(head(route));
          dripping(socket, "X-More: 1\r\n");
        },
      ],
    ];
  const bodies: typeof cases = [
    [
      "slow body",
      "never the rest",
      QUICK.requestTimeout,
      (socket, route) =>
        socket.write(`${head(route)}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`),
    ],
    [
      "slow body",
      "letter by letter",
      QUICK.requestTimeout,
      (socket, route) => {
        socket.write(`${head(route)}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`);
        dripping(socket, " ");
      },
    ],
    [
      "slow body",
      "chunk by chunk",
      QUICK.requestTimeout,
      (socket, route) => {
        socket.write(
          `${head(route)}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
        );
        dripping(socket, "1\r\n \r\n");
      },
    ],
  ];
  const all = routes.flatMap((route) =>
    [...cases, ...(route.hasBody ? bodies : [])].map((one) => ({ route, one })),
  );
  await Promise.all(
    all.map(async ({ route, one: [kind, what, limitS, begin] }) => {
      const socket = open(url);
      const began = performance.now();
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.resume();
      begin(socket, route);
      await Promise.race([closed, pause(limitS * 1000 + GRACE_MS)]);
      const ms = Math.round(performance.now() - began);
      const fault = socket.destroyed
        ? ms < limitS * 900 && `ended after ${ms} ms, before its time`
        : `still open after ${ms} ms`;
      socket.destroy();
      tally.add(kind, `${route.method} ${route.template}, ${what}`, fault);
    }),
  );
  for (const route of routes) {
    const headers = [bearer(blue), ["X-Large", "x".repeat(QUICK.headerKb * 1024)]] as const;
    const { status } = await ask(url, { method: route.method, path: route.path, headers });
    tally.add("large headers", `${route.method} ${route.template}`, status !== 431 && `${status}`);
  }
}

/** Each key's share: requests a minute, runs at once, answers at once. */
export async function shareProbes({ url }: Guarded, keys: TestKeys, tally: Tally): Promise<void> {
  const kind = "shares of a key";
  const { slow, oneRun, twoOpen, blue } = keys;
  const statuses: number[] = [];
  let retry = "";
  for (let i = 0; i < 40; i++) {
    const { status, headers } = await ask(url, { path: "/v1/models", headers: [bearer(slow)] });
    statuses.push(status);
    if (status === 429) retry = headers.get("retry-after") ?? "";
  }
  const passed = statuses.filter((status) => status === 200).length;
  tally.add(kind, "requests a minute", (passed < 19 || passed > 21) && `${passed} of 40 came through`);
  tally.add(
    kind,
    "when to come back",
    !(Number(retry) > 0 && Number(retry) <= 60) && `Retry-After "${retry}"`,
  );
  const other = await ask(url, { path: "/v1/models", headers: [bearer(blue)] });
  tally.add(kind, "another key is not held up", other.status !== 200 && `${other.status}`);

  const begin = (key: string) =>
    ask(url, {
      method: "POST",
      path: "/agent",
      headers: [bearer(key), JSON_TYPE],
      body: '{"input":"Say a word for ever.","background":true}',
    });
  const [first, second] = [await begin(oneRun), await begin(oneRun)];
  tally.add(
    kind,
    "runs at once",
    (first.status !== 202 || second.status !== 429) && `${first.status}, ${second.status}`,
  );
  const asAgent = await ask(url, {
    method: "POST",
    path: "/v1/chat/completions",
    headers: [bearer(oneRun), JSON_TYPE],
    body: '{"model":"agent:hearth","messages":[{"role":"user","content":"Hi."}]}',
  });
  tally.add(kind, "runs at once, behind a model's name", asAgent.status !== 429 && `${asAgent.status}`);
  const { runId }: { runId: string } = JSON.parse(first.body);
  await ask(url, { method: "POST", path: `/agent/runs/${runId}/cancel`, headers: [bearer(oneRun)] });
  const third = await begin(oneRun);
  tally.add(kind, "a run's place is given back", third.status !== 202 && `${third.status}`);
  await ask(url, { method: "POST", path: "/agent/stop", headers: [bearer(oneRun)] });

  const run: { runId: string } = JSON.parse((await begin(twoOpen)).body);
  const follow = (): Socket => {
    const socket = open(url);
    const lines = [
      `GET /agent/runs/${run.runId}/events HTTP/1.1`,
      `Host: ${new URL(url).host}`,
      `Authorization: Bearer ${twoOpen}`,
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    return socket;
  };
  const followers = [follow(), follow()];
  const heads = await Promise.all(followers.map((socket) => answerOf(socket)));
  const more = follow();
  const refused = await answerOf(more);
  tally.add(
    kind,
    "streams at once",
    (heads.some(({ status }) => status !== 200) || refused.status !== 429) &&
      `${heads.map((head) => head.status)}, ${refused.status}`,
  );
  for (const socket of [...followers, more]) socket.destroy();
  await pause(100);
  const again = follow();
  const { status } = await answerOf(again);
  again.destroy();
  tally.add(kind, "a stream's place is given back", status !== 200 && `${status}`);
  await ask(url, { method: "POST", path: "/agent/stop", headers: [bearer(twoOpen)] });
}

/** A key that is revoked: its streams end, its runs are cancelled, it opens nothing any more. All without a restart. */
export async function revocationProbes(
  service: Guarded,
  { leaked, blue }: TestKeys,
  tally: Tally,
): Promise<void> {
  const kind = "revoked while in use";
  const { url, home } = service;
  const stream = (path: string, body: string): Socket => {
    const socket = open(url);
    const length = Buffer.byteLength(body);
    const lines = [`POST ${path} HTTP/1.1`, `Host: ${new URL(url).host}`, `x-api-key: ${leaked}`];
    socket.write(
      `${lines.join("\r\n")}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`,
    );
    return socket;
  };
  const asked = '"messages":[{"role":"user","content":"Say a word for ever."}],"stream":true';
  const streams: [path: string, socket: Socket][] = (
    [
      ["/agent", '{"input":"Say a word for ever.","stream":true}'],
      ["/v1/chat/completions", `{"model":"mock",${asked}}`],
      ["/v1/messages", `{"model":"mock","max_tokens":9999,${asked}}`],
      ["/v1/responses", '{"model":"mock","input":"Say a word for ever.","stream":true}'],
      ["/api/chat", `{"model":"mock",${asked}}`],
    ] as const
  ).map(([path, body]) => [path, stream(path, body)]);
  const heads = await Promise.all(streams.map(([, socket]) => answerOf(socket)));
  const runId = heads[0]?.headers.get("x-run-id") ?? "";
  for (const model of ["mock", "agent:hearth"]) {
    const background = `{"model":"${model}","input":"Say a word for ever.","background":true}`;
    const begun = await ask(url, {
      method: "POST",
      path: "/v1/responses",
      headers: [bearer(leaked), JSON_TYPE],
      body: background,
    });
    tally.add(kind, `a response of ${model} in the background`, begun.status !== 200 && `${begun.status}`);
  }
  const ends = streams.map(
    ([, socket]) => new Promise<number>((resolve) => socket.once("close", () => resolve(performance.now()))),
  );
  await pause(QUICK.requestTimeout * 1000 + 600);
  const cut = streams.filter(([, socket]) => socket.destroyed).map(([path]) => path);
  tally.add(kind, "answers that take longer than a request may", cut.length > 0 && `cut: ${cut.join(", ")}`);
  const done = await hearth(home, ["keys", "revoke", leaked]);
  const revoked = performance.now();
  tally.add(kind, "the command", done.code !== 0 && done.said);
  for (const [i, [path]] of streams.entries()) {
    const at = await Promise.race([ends[i], pause(3000).then(() => Number.POSITIVE_INFINITY)]);
    const ms = Math.round((at ?? Number.POSITIVE_INFINITY) - revoked);
    tally.add(
      kind,
      `the stream of ${path}`,
      heads[i]?.status !== 200
        ? `it did not begin: ${heads[i]?.status}`
        : ms > 1500 && `it ended ${ms} ms later`,
    );
  }
  const { status, body } = await ask(url, { path: "/v1/models", headers: [bearer(leaked)] });
  tally.add(kind, "the next request", (status !== 401 || !body.includes("revoked")) && `${status} ${body}`);
  await pause(500);
  const left = service.engine.chats.filter(({ closedAbs }) => closedAbs === undefined).length;
  tally.add(kind, "what it had asked of the engine", left > 0 && `${left} questions go on`);
  const kept = await hearth(home, ["runs", "show", runId, "--journal", `${home}/journal.sqlite`, "--json"]);
  tally.add(kind, "its run", !/cancelled/.test(kept.out) && `it was not cancelled: ${kept.out.slice(-200)}`);
  const other = await ask(url, { path: "/v1/models", headers: [bearer(blue)] });
  tally.add(kind, "other keys", other.status !== 200 && `${other.status}`);
}
