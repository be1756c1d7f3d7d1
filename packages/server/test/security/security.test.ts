/** The table of `npm run prove:security` over a service of this process; what needs slow clients and a process of its own is there. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { KeyRing, type Service, serve } from "@hearth/server";
import { scripted } from "hearth/testing";
import { type TestKeys, testKeys } from "./keys.ts";
import { probesOf } from "./probes.ts";
import { ask } from "./raw.ts";
import { type Route, routesOf } from "./routes.ts";
import { probeAll, Tally } from "./tally.ts";

/** Less than a service takes, to be quick. */
const MAX_BODY = 128 * 1024;
const agent = () => ({ model: scripted([{ text: "Hi." }], { last: "repeat" }), tools: [] });

describe("every route, with keys", () => {
  let service: Service;
  let keys: TestKeys;
  let routes: Route[];
  before(async () => {
    keys = testKeys();
    const limits = { maxBodyBytes: MAX_BODY };
    service = await serve({ agent: agent(), port: 0, keys: new KeyRing(keys.records), limits });
    routes = await routesOf(service.url, keys.blue);
  });
  after(() => service.close());

  test("only the probes of a load balancer are public", () => {
    assert.deepEqual(
      routes.filter(({ access }) => access === "public").map(({ path }) => path),
      ["/livez", "/readyz"],
    );
    assert.ok(routes.length >= 30);
  });

  test("nothing of the table comes through, and what should does", async () => {
    const tally = new Tally();
    const host = new URL(service.url).host;
    const probes = routes.flatMap((route) =>
      probesOf(route, keys, host, MAX_BODY).map((probe) => ({
        name: `${route.method} ${route.template}`,
        probe,
      })),
    );
    await probeAll(service.url, probes, tally);
    assert.deepEqual(tally.faults.slice(0, 20), []);
    assert.ok(tally.tried > 50 * routes.length);
  });

  test("paths that are not there are 401 without a key and 404 with one", async () => {
    const key = [["Authorization", `Bearer ${keys.blue}`]] as const;
    for (const path of ["/none", "/v1/none", "/api/none", "/agent/none", "/.env", "/livez/x", "/*"]) {
      assert.equal((await ask(service.url, { path })).status, 401, path);
      assert.equal((await ask(service.url, { path, headers: key })).status, 404, path);
    }
  });
});

describe("without keys, on loopback", () => {
  let service: Service;
  let routes: Route[];
  before(async () => {
    service = await serve({ agent: agent(), port: 0 });
    routes = await routesOf(service.url, service.token);
  });
  after(() => service.close());

  test("the person at the machine is let in; what decides, resumes or stops asks for the token", async () => {
    for (const { method, path, hasBody, token } of routes) {
      const body = hasBody ? { body: "[]" } : {};
      const headers = [["Content-Type", "application/json"]] as const;
      for (const authorization of [undefined, "Bearer ollama", `Bearer ${service.token}x`]) {
        const own = authorization === undefined ? [] : ([["Authorization", authorization]] as const);
        const answer = await ask(service.url, { method, path, ...body, headers: [...headers, ...own] });
        assert.equal(answer.status === 401, token, `${method} ${path} ${authorization}: ${answer.status}`);
      }
    }
  });

  test("Host and Origin are looked at all the same", async () => {
    for (const { method, path, template } of routes)
      for (const header of [
        ["Host", "evil.example"],
        ["Origin", "https://evil.example"],
        ["Origin", "null"],
      ] as const)
        assert.equal((await ask(service.url, { method, path, headers: [header] })).status, 403, template);
  });
});
