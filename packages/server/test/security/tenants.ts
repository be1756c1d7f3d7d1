/** What one tenant has, asked for by another; and what a key is limited to, asked for beyond it. */
import type { TestKeys } from "./keys.ts";
import { type Answer, type Ask, ask } from "./raw.ts";
import type { Route } from "./routes.ts";
import type { Tally } from "./tally.ts";

const JSON_TYPE = ["Content-Type", "application/json"] as const;
const bearer = (key: string): readonly [string, string] => ["Authorization", `Bearer ${key}`];

interface Owned {
  /** A run that waits for an approval. */
  waiting: string;
  callId: string;
  /** A run that goes on. */
  going: string;
  over: string;
  response: string;
  chat: string;
}

function json(url: string, key: string, method: string, path: string, body?: object): Promise<Answer> {
  const headers = [bearer(key), ...(body === undefined ? [] : [JSON_TYPE])];
  return ask(url, { method, path, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

/** Makes one of everything that has an id, for the tenant of this key. */
async function own(url: string, key: string): Promise<Owned> {
  const begin = async (input: string): Promise<string> => {
    const answer = await json(url, key, "POST", "/agent", { input, background: true, session: "desk" });
    const { runId }: { runId: string } = JSON.parse(answer.body);
    return runId;
  };
  const settled = async (runId: string, status: string): Promise<{ approvals: { callId: string }[] }> => {
    for (let i = 0; i < 200; i++) {
      const answer = await json(url, key, "GET", `/agent/runs/${runId}`);
      if (answer.status === 200 && JSON.parse(answer.body).status === status) return JSON.parse(answer.body);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`run ${runId} did not become ${status}`);
  };
  const over = await begin("Hi.");
  await settled(over, "finished");
  const waiting = await begin("Write a letter.");
  const { approvals } = await settled(waiting, "waiting");
  const response = await json(url, key, "POST", "/v1/responses", { model: "mock", input: "Hi." });
  const chat = "chat-of-blue";
  const messages = [{ id: "m", role: "user", parts: [{ type: "text", text: "Say a word for ever." }] }];
  await json(url, key, "POST", "/agent/ui-message-stream", { id: chat, messages });
  const going = await begin("Say a word for ever, too.");
  return {
    waiting,
    callId: approvals[0]?.callId ?? "",
    going,
    over,
    response: JSON.parse(response.body).id,
    chat,
  };
}

/** Another tenant's ids are as those that nobody has; nothing of the other is touched or shown. */
export async function tenantProbes(
  url: string,
  routes: readonly Route[],
  { blue, red, scoped }: TestKeys,
  tally: Tally,
  lastAsked: () => string,
): Promise<void> {
  const has = await own(url, blue);
  const kind = "another tenant's ids";
  const withIds = routes.filter(({ template }) => template.includes("{"));
  for (const route of withIds) {
    for (const filled of fillings(route, has)) {
      if (filled === undefined) {
        // The names of models are nobody's.
        if (!route.template.startsWith("/v1/models/"))
          tally.add(kind, route.template, "no id of this kind was made");
        continue;
      }
      const foreign = await ask(url, called(route, filled.path, red));
      const nobodys = await ask(url, called(route, filled.nobodys, red));
      const same =
        foreign.status === nobodys.status &&
        neutral(foreign.body, filled.ids) === neutral(nobodys.body, filled.ids);
      const wanted = route.template.includes("ui-message-stream") ? 204 : 404;
      const fault =
        foreign.status !== wanted
          ? `${foreign.status} instead of ${wanted}: ${foreign.body.slice(0, 100)}`
          : !same && "it is told apart from an id that is not there";
      tally.add(kind, `${route.method} ${filled.path}`, fault);
    }
  }
  await interrupts(url, red, has, tally);
  const admin = scoped["admin"] ?? "";
  for (const [who, key] of [
    ["red", red],
    ["an admin of blue", admin],
  ] as const) {
    const { runs }: { runs: { runId: string }[] } = JSON.parse(
      (await json(url, key, "GET", "/agent/runs?limit=1000")).body,
    );
    const seen = runs.some(({ runId }) => [has.over, has.waiting, has.going].includes(runId));
    tally.add(
      kind,
      `the list of runs for ${who}`,
      seen === (who === "red") && `blue's runs are ${seen ? "" : "not "}there`,
    );
  }
  for (const { method, path, template } of routes) {
    if (method !== "GET" || template.includes("{")) continue;
    for (const accept of ["application/json", "text/html"]) {
      const { body } = await ask(url, { path, headers: [bearer(red), ["Accept", accept]] });
      const shown = [has.over, has.waiting, has.going, has.response, '"blue"'].filter((id) =>
        body.includes(id),
      );
      tally.add(kind, `GET ${path} as ${accept}`, shown.length > 0 && `it shows ${shown.join(", ")}`);
    }
  }
  const stopped = await json(url, red, "POST", "/agent/stop", {});
  tally.add(kind, "the emergency stop", stopped.body !== '{"stopped":0}' && stopped.body);
  const before = await json(url, red, "POST", "/agent", { input: "Hi.", session: "desk" });
  const told = lastAsked().includes("letter") && "it goes on with the other's";
  tally.add(kind, "a session of the same name", before.status === 200 ? told : before.body);
  for (const [what, id, status] of [
    ["waits", has.waiting, "waiting"],
    ["goes on", has.going, "running"],
  ] as const) {
    const view = JSON.parse((await json(url, blue, "GET", `/agent/runs/${id}`)).body);
    tally.add(kind, `the run that ${what} was left alone`, view.status !== status && `it is ${view.status}`);
  }
  const end = await json(url, blue, "POST", "/agent/stop", {});
  tally.add(kind, "its own stop", end.body !== '{"stopped":2}' && end.body);
}

/** Ids that stand in bodies. */
async function interrupts(url: string, red: string, has: Owned, tally: Tally): Promise<void> {
  const kind = "another tenant's ids";
  const interruptId = `${has.waiting}:${has.callId}`;
  const agUi = {
    threadId: "t",
    runId: "r",
    messages: [],
    resume: [{ interruptId, status: "resolved", payload: true }],
  };
  const approval = { id: interruptId, approved: true };
  const part = {
    type: "tool-send_letter",
    toolCallId: has.callId,
    state: "approval-responded",
    approval,
    input: {},
  };
  const ui = { id: "c", messages: [{ id: "m", role: "assistant", parts: [part] }] };
  const previous = { model: "mock", input: "Hi.", previous_response_id: has.response };
  const cases: [path: string, body: object, status: number][] = [
    ["/agent/ag-ui", agUi, 404],
    ["/agent/ui-message-stream", ui, 404],
    ["/v1/responses", previous, 400],
  ];
  for (const [path, body, status] of cases) {
    const answer = await json(url, red, "POST", path, body);
    const text = JSON.stringify(body)
      .replaceAll(has.waiting, "run_none")
      .replaceAll(has.response, "resp_none");
    const nobodys = await json(url, red, "POST", path, JSON.parse(text));
    const told =
      neutral(answer.body, [has.waiting, has.response]) !== neutral(nobodys.body, ["run_none", "resp_none"]);
    tally.add(
      kind,
      `POST ${path}`,
      answer.status !== status ? `${answer.status}: ${answer.body}` : told && "it is told apart",
    );
  }
}

interface Filled {
  path: string;
  nobodys: string;
  ids: string[];
}

function fillings({ template }: Route, has: Owned): (Filled | undefined)[] {
  const fill = (id: string, none: string): Filled => ({
    path: template.replace(/\{(?:id|chatId)\}/, id).replace("{callId}", has.callId),
    nobodys: template.replace(/\{(?:id|chatId)\}/, none).replace("{callId}", has.callId),
    ids: [id, none],
  });
  if (template.startsWith("/agent/runs/"))
    return [has.waiting, has.going, has.over].map((id) => fill(id, "run_none"));
  if (template.startsWith("/v1/responses/")) return [fill(has.response, "resp_none")];
  if (template.startsWith("/agent/ui-message-stream/")) return [fill(has.chat, "chat-of-nobody")];
  return [undefined];
}

function called({ method, hasBody, template }: Route, path: string, key: string): Ask {
  const body = template.includes("approvals") ? '{"decision":"approve"}' : "{}";
  return {
    method,
    path,
    headers: [bearer(key), ...(hasBody ? [JSON_TYPE] : [])],
    ...(hasBody ? { body } : {}),
  };
}

/** A body without the ids that were asked for. */
function neutral(body: string, ids: readonly string[]): string {
  return ids.reduce((text, id) => text.replaceAll(id, "ID"), body);
}

/** A key that is limited to a model sees no other, and is refused others in each field that names one, on every route. */
export async function modelProbes(
  url: string,
  routes: readonly Route[],
  { limited, scoped }: TestKeys,
  tally: Tally,
): Promise<void> {
  const kind = "models of a key";
  for (const route of routes) {
    for (const field of ["model", "name"].filter((name) => route.hasBody && route.fields.includes(name))) {
      for (const model of ["mock", "agent:hearth", "agent:mock", "allowed2", "ALLOWED", " allowed"]) {
        const answer = await ask(url, {
          method: route.method,
          path: route.path,
          headers: [bearer(limited), JSON_TYPE],
          body: bodyFor(route, { [field]: model }),
        });
        tally.add(
          kind,
          `${route.template} ${field}=${model}`,
          answer.status !== 403 && `${answer.status}: ${answer.body.slice(0, 80)}`,
        );
      }
    }
  }
  // Figures for Prometheus and the document are of the service, not of what a key may use.
  const all = ["/metrics", "/openapi.json"];
  const lists = routes.filter(
    ({ method, path, template }) => method === "GET" && path === template && !all.includes(path),
  );
  for (const { path } of lists) {
    const answer = await ask(url, {
      path,
      headers: [bearer(limited), ["Accept", "application/json, text/html"]],
    });
    tally.add(kind, path, /mock|agent:/.test(answer.body) && `it shows ${answer.body.slice(0, 100)}`);
  }
  for (const [path, body] of [
    ["/v1/models/mock", undefined],
    ["/agent", { input: "Hi." }],
    ["/agent/ag-ui", { threadId: "t", runId: "r", messages: [{ id: "m", role: "user", content: "Hi." }] }],
    [
      "/agent/ag-ui",
      {
        threadId: "t",
        runId: "r",
        messages: [{ id: "m", role: "user", content: "Hi." }],
        forwardedProps: { model: "mock" },
      },
    ],
  ] as const) {
    const answer = await json(url, limited, body === undefined ? "GET" : "POST", path, body);
    const wanted = body === undefined ? 404 : 403;
    tally.add(
      kind,
      `${path} ${JSON.stringify(body)}`,
      answer.status !== wanted && `${answer.status}: ${answer.body.slice(0, 80)}`,
    );
  }
  // Without the scope `agents` the loop is no model either.
  const modelsOnly = scoped["models"] ?? "";
  const asked = { model: "agent:hearth", messages: [{ role: "user", content: "Hi." }] };
  for (const path of ["/v1/chat/completions", "/api/chat"]) {
    const answer = await json(url, modelsOnly, "POST", path, asked);
    tally.add(
      kind,
      `${path} agent:hearth without the scope agents`,
      answer.status !== 403 && `${answer.status}`,
    );
  }
}

/** A body that fits the route, as its own example does. */
function bodyFor({ template }: Route, more: object): string {
  const messages = [{ role: "user", content: "Hi." }];
  const bodies: Record<string, object> = {
    "/agent": { input: "Hi." },
    "/agent/ui-message-stream": {
      messages: [{ id: "m", role: "user", parts: [{ type: "text", text: "Hi." }] }],
    },
    "/v1/chat/completions": { messages },
    "/v1/messages": { messages, max_tokens: 10 },
    "/v1/messages/count_tokens": { messages },
    "/v1/responses": { input: "Hi." },
    "/v1/embeddings": { input: "Hi." },
    "/api/chat": { messages },
    "/api/generate": { prompt: "Hi." },
    "/api/embed": { input: "Hi." },
    "/api/embeddings": { prompt: "Hi." },
  };
  return JSON.stringify({ ...bodies[template], ...more });
}
