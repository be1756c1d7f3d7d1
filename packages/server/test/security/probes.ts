/** What is tried on every route, and what may come of it. */
import { createHash } from "node:crypto";
import type { TestKeys } from "./keys.ts";
import type { Answer, Ask } from "./raw.ts";
import type { Route } from "./routes.ts";

export type Headers = readonly (readonly [name: string, value: string])[];

export interface Probe {
  /** The row of the table. */
  kind: string;
  what: string;
  ask: Ask;
  /** Statuses that are right. */
  wanted: readonly number[];
  /** Further faults of the answer. */
  fault?: (answer: Answer) => string | false;
}

const MAX_BODY = 4 * 1024 * 1024;
const CHUNK = 64 * 1024;
const JSON_TYPE = ["Content-Type", "application/json"] as const;
const bearer = (key: string): readonly [string, string] => ["Authorization", `Bearer ${key}`];

/** All probes of one route. `host`: of the service, with its port. `maxBody`: bytes of a body that it takes. */
export function probesOf(route: Route, keys: TestKeys, host: string, maxBody = MAX_BODY): Probe[] {
  return [
    ...withoutKey(route, keys),
    ...withKey(route, keys),
    ...fromElsewhere(route, keys, host),
    ...bodies(route, keys, maxBody),
    ...scopes(route, keys),
    ...paths(route),
    ...methods(route, keys),
  ];
}

/** The route called as it should be, but for what a probe changes. An empty body passes no schema by accident. */
function called({ method, path, hasBody }: Route, headers: Headers, more: Partial<Ask> = {}): Ask {
  const body = hasBody ? { body: "[]" } : {};
  return { method, path, ...body, ...more, headers: [...(hasBody ? [JSON_TYPE] : []), ...headers] };
}

const REFUSED = [401];

/** Refused in the words of the wire, with the way to go on. */
function inForm({ path }: Route): (answer: Answer) => string | false {
  return ({ headers, body }) => {
    if (!headers.get("www-authenticate")?.startsWith("Bearer")) return "no WWW-Authenticate";
    const error: unknown = JSON.parse(body).error;
    const ollama = path.startsWith("/api/") && path !== "/api/queue";
    if (ollama ? typeof error !== "string" : typeof error !== "object")
      return `another wire's error: ${body}`;
    return headers.has("access-control-allow-origin") && "CORS was answered";
  };
}

function withoutKey(route: Route, keys: TestKeys): Probe[] {
  const { blue, expired, revoked } = keys;
  const other = `${blue.slice(0, -1)}${blue.endsWith("A") ? "B" : "A"}`;
  const swapped = keys.red.slice(0, 20) + blue.slice(20);
  const cases: [kind: string, what: string, headers: Headers][] = [
    ["no key", "nothing", []],
    ["no key", "an empty header", [["Authorization", ""]]],
    ["no key", "a scheme alone", [["Authorization", "Bearer"]]],
    ["no key", "an empty x-api-key", [["x-api-key", ""]]],
    ["wrong key", "a random one", [bearer(`hearth_0123456789ab_${"x".repeat(43)}`)]],
    ["wrong key", "the last letter", [bearer(other)]],
    ["wrong key", "another's secret", [bearer(swapped)]],
    ["wrong key", "its id", [bearer(blue.slice(0, 19))]],
    ["wrong key", "its hash", [bearer(createHash("sha256").update(blue).digest("hex"))]],
    ["wrong key", "in capitals", [bearer(blue.toUpperCase())]],
    ["wrong key", "a long one", [bearer("k".repeat(8000))]],
    ["wrong key", "what clients send by default", [bearer("ollama")]],
    ["expired key", "as a bearer", [bearer(expired)]],
    ["expired key", "as x-api-key", [["x-api-key", expired]]],
    ["revoked key", "as a bearer", [bearer(revoked)]],
    ["revoked key", "as x-api-key", [["x-api-key", revoked]]],
    ["key elsewhere", "a cookie", [["Cookie", `token=${blue}; key=${blue}; authorization=Bearer ${blue}`]]],
    ["key elsewhere", "Basic", [["Authorization", `Basic ${Buffer.from(`x:${blue}`).toString("base64")}`]]],
    ["key elsewhere", "no scheme", [["Authorization", blue]]],
    ["key elsewhere", "another scheme", [["Authorization", `Token ${blue}`]]],
    ["key elsewhere", "a proxy's header", [["Proxy-Authorization", `Bearer ${blue}`]]],
    [
      "key elsewhere",
      "other headers",
      [
        ["X-Auth-Token", blue],
        ["api-key", blue],
        ["x-goog-api-key", blue],
      ],
    ],
    ["key elsewhere", "a forwarded one", [["X-Forwarded-Authorization", `Bearer ${blue}`]]],
    ["key twice", "good and bad", [bearer(blue), bearer("bad")]],
    ["key twice", "bad and good", [bearer("bad"), bearer(blue)]],
    ["key twice", "good and good", [bearer(blue), bearer(blue)]],
    ["key twice", "with a comma", [["Authorization", `Bearer ${blue}, Bearer ${blue}`]]],
    [
      "key twice",
      "x-api-key",
      [
        ["x-api-key", blue],
        ["x-api-key", "bad"],
      ],
    ],
    ["key twice", "two that differ", [bearer("bad"), ["x-api-key", blue]]],
    ["key twice", "two tenants", [bearer(blue), ["x-api-key", keys.red]]],
    ["white space", "a tab", [["Authorization", `Bearer\t${blue}`]]],
    ["white space", "in the key", [bearer(`${blue.slice(0, 30)} ${blue.slice(30)}`)]],
    ["white space", "more after it", [bearer(`${blue} x`)]],
    ["white space", "in quotes", [bearer(`"${blue}"`)]],
  ];
  const wanted = route.access === "public" ? [200, 503] : REFUSED;
  const fault = route.access === "public" ? {} : { fault: inForm(route) };
  const probes = cases.map(
    ([kind, what, headers]): Probe => ({ kind, what, ask: called(route, headers), wanted, ...fault }),
  );
  const query = ["api_key", "key", "token", "access_token"].map((name) => `${name}=${blue}`).join("&");
  const inUrl = { ...called(route, []), path: `${route.path}?${query}` };
  probes.push({ kind: "key elsewhere", what: "the query", ask: inUrl, wanted, ...fault });
  return probes;
}

/** What clients rightly send passes: a gate that lets nobody in is no proof. */
function withKey(route: Route, { blue }: TestKeys): Probe[] {
  const cases: [what: string, headers: Headers][] = [
    ["a bearer", [bearer(blue)]],
    ["in small letters", [["authorization", `bearer ${blue}`]]],
    ["in capitals", [["AUTHORIZATION", `BEARER ${blue}`]]],
    ["two spaces", [["Authorization", `Bearer  ${blue}`]]],
    ["spaces around", [["Authorization", `  Bearer ${blue}  `]]],
    ["x-api-key", [["X-Api-Key", blue]]],
    ["the same in both", [bearer(blue), ["x-api-key", blue]]],
    [
      "x-api-key behind a proxy's Basic",
      [
        ["Authorization", "Basic eDp5"],
        ["x-api-key", blue],
      ],
    ],
  ];
  // Whatever the route makes of `[]` and of the name `none`; nobody is turned away.
  const wanted = [200, 204, 400, 404, 409, 503];
  return cases.map(([what, headers]) => ({ kind: "good key", what, ask: called(route, headers), wanted }));
}

function fromElsewhere(route: Route, { blue }: TestKeys, host: string): Probe[] {
  const key = bearer(blue);
  const port = host.split(":").at(-1);
  const hosts: [what: string, headers: Headers][] = [
    ["another name", [["Host", "evil.example"]]],
    ["another name and our port", [["Host", `evil.example:${port}`]]],
    ["a name that begins as ours", [["Host", `localhost.evil.example:${port}`]]],
    ["a user", [["Host", `${host}@evil.example`]]],
    ["an empty one", [["Host", ""]]],
    [
      "two",
      [
        ["Host", host],
        ["Host", "evil.example"],
      ],
    ],
    [
      "two, ours last",
      [
        ["Host", "evil.example"],
        ["Host", host],
      ],
    ],
    ["an address of the same network", [["Host", `10.1.2.3:${port}`]]],
    ["a list", [["Host", `${host}, evil.example`]]],
    [
      "a forwarded one too",
      [
        ["Host", "evil.example"],
        ["X-Forwarded-Host", host],
      ],
    ],
  ];
  const origins: [what: string, headers: Headers][] = [
    ["foreign", [["Origin", "https://evil.example"]]],
    ["null", [["Origin", "null"]]],
    ["another port of this machine", [["Origin", "http://localhost:1"]]],
    ["one that begins as ours", [["Origin", `http://${host}.evil.example`]]],
    ["with a user", [["Origin", `http://${host}@evil.example`]]],
    ["another scheme", [["Origin", `ftp://${host}`]]],
    ["an extension", [["Origin", "chrome-extension://abcdefgh"]]],
    [
      "two",
      [
        ["Origin", `http://${host}`],
        ["Origin", "https://evil.example"],
      ],
    ],
    [
      "an embedded script",
      [
        ["Sec-Fetch-Site", "cross-site"],
        ["Sec-Fetch-Mode", "no-cors"],
      ],
    ],
    [
      "an embedded image of a neighbour",
      [
        ["Sec-Fetch-Site", "same-site"],
        ["Sec-Fetch-Mode", "no-cors"],
      ],
    ],
  ];
  const noCors = ({ headers }: Answer): string | false =>
    headers.has("access-control-allow-origin") && "CORS was answered";
  const probes: Probe[] = [];
  for (const [what, headers] of hosts)
    probes.push({ kind: "wrong Host", what, ask: called(route, [key, ...headers]), wanted: [400, 403] });
  probes.push(
    { kind: "wrong Host", what: "none", ask: called(route, [key], { host: false }), wanted: [400] },
    {
      kind: "wrong Host",
      what: "in the first line",
      ask: called(route, [key], { path: `http://evil.example${route.path}` }),
      wanted: [400, 403],
    },
  );
  for (const [what, headers] of origins)
    probes.push({
      kind: "foreign Origin",
      what,
      ask: called(route, [key, ...headers]),
      wanted: [403],
      fault: noCors,
    });
  const preflight: Headers = [
    ["Origin", "https://evil.example"],
    ["Access-Control-Request-Method", route.method],
    ["Access-Control-Request-Headers", "authorization"],
  ];
  probes.push({
    kind: "foreign Origin",
    what: "preflight",
    ask: { method: "OPTIONS", path: route.path, headers: preflight },
    wanted: [403],
    fault: noCors,
  });
  return probes;
}

function bodies(route: Route, { blue }: TestKeys, maxBody: number): Probe[] {
  if (!route.hasBody) return [];
  const { method, path } = route;
  const types = [
    ...[
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/jsonp",
    ],
    ...["application/json-seq", "text/json", "application/json, text/plain", "", "*/*"],
  ];
  const headers: Headers = [bearer(blue)];
  const probes = types.map(
    (type): Probe => ({
      kind: "content type",
      what: type === "" ? "an empty one" : type,
      ask: { method, path, headers: [...headers, ["Content-Type", type]], body: "{}" },
      wanted: [415],
    }),
  );
  const compressed: Headers = [...headers, JSON_TYPE, ["Content-Encoding", "gzip"]];
  const big = "x".repeat(CHUNK);
  const length: Headers = [...headers, JSON_TYPE, ["Content-Length", String(maxBody + 1)]];
  probes.push(
    { kind: "content type", what: "none", ask: { method, path, headers, body: "{}" }, wanted: [415] },
    {
      kind: "content type",
      what: "gzip",
      ask: { method, path, headers: compressed, body: "{}" },
      wanted: [415],
    },
    { kind: "oversize", what: "by its length", ask: { method, path, headers: length }, wanted: [413] },
    {
      kind: "oversize",
      what: "without a length",
      ask: { method, path, headers: [...headers, JSON_TYPE], chunks: Array(maxBody / CHUNK + 1).fill(big) },
      wanted: [413],
    },
    {
      kind: "oversize",
      what: "a length and chunks",
      ask: { method, path, headers: [...headers, JSON_TYPE, ["Content-Length", "2"]], chunks: ["{}"] },
      wanted: [400],
    },
  );
  return probes;
}

function scopes(route: Route, { scoped }: TestKeys): Probe[] {
  return Object.entries(scoped).map(([scope, key]) => {
    const may = ["public", "key", scope].includes(route.access) || scope === "admin";
    const wanted = may ? [200, 204, 400, 404, 409, 503] : [403];
    return { kind: may ? "scope" : "scope missing", what: scope, ask: called(route, [bearer(key)]), wanted };
  });
}

/** Other ways to write the same path, without a key: none of them comes further. */
function paths(route: Route): Probe[] {
  const { path } = route;
  const first = path.slice(1);
  const encoded = `/%${(first.charCodeAt(0) || 47).toString(16)}${first.slice(1)}`;
  const written = [
    ...[`/${path}`, `${path}/`, `/.${path}`, `/%2e${path}`, `/x/..${path}`, `/x/%2e%2e${path}`, encoded],
    ...[`/livez/..${path}`, `/livez/%2e%2e${path}`, `/livez;${path}`, `/livez?${path}`, `/livez%2f..${path}`],
    ...[
      `/livez/${path}`,
      `${path}?x=/livez`,
      `${path}#/livez`,
      `${path}%00`,
      `${path};livez`,
      `${path}/livez`,
    ],
    ...[`/livez%00${path}`, `/livez\\..${path}`, `http://127.0.0.1/livez${path}`, path.toUpperCase()],
  ];
  return written.map((target) => ({
    kind: "path tricks",
    what: target,
    ask: called({ ...route, path: target }, []),
    // `/livez?…` is /livez; so is the route itself where it is public, written in a way that means the same.
    wanted:
      target.startsWith("/livez?") && route.method === "GET"
        ? [200]
        : route.access === "public"
          ? [200, 400, 401, 403, 503]
          : [400, 401, 403],
  }));
}

function methods(route: Route, { blue, red }: TestKeys): Probe[] {
  const { path, access } = route;
  const all = [
    "GET",
    "HEAD",
    "OPTIONS",
    "PUT",
    "PATCH",
    "DELETE",
    "POST",
    "TRACE",
    "QUERY",
    "get",
    "PROPFIND",
  ];
  const open = access === "public" ? [200, 204, 400, 401, 404, 405, 503] : [400, 401, 405];
  const probes = all.map(
    (method): Probe => ({ kind: "methods", what: method, ask: { method, path }, wanted: open }),
  );
  for (const name of ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"]) {
    probes.push({
      kind: "methods",
      what: `${name} without a key`,
      ask: called(route, [[name, "GET"]]),
      wanted: access === "public" ? [200, 503] : REFUSED,
    });
  }
  // With a key a method that is not the route's is not there, whatever else is said.
  const wrong = route.method === "GET" ? "PUT" : "PATCH";
  const headers: Headers = [
    bearer(route.access === "admin" ? red : blue),
    ["X-HTTP-Method-Override", route.method],
  ];
  probes.push({
    kind: "methods",
    what: "override with a key",
    ask: { method: wrong, path, headers },
    wanted: access === "public" ? [401, 404] : [404],
  });
  return probes;
}
