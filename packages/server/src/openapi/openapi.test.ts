import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { isObject, type JsonObject } from "hearth";
import { scripted } from "hearth/testing";
import { newToken } from "../access/index.ts";
import { createApp } from "../index.ts";
import { bool, either, fit, integer, list, name, object, oneOf, optional, text } from "./index.ts";

const token = newToken();
const app = createApp({
  agent: { model: scripted([{ text: "Hi." }], { last: "repeat" }), tools: [] },
  token,
});
// Bodies are looked at once it is known who asks.
const headers = {
  host: "127.0.0.1:4141",
  "content-type": "application/json",
  authorization: `Bearer ${token}`,
};
const document = (await (await app.request("/openapi.json", { headers })).json()) as JsonObject;
const paths = document["paths"] as Record<string, Record<string, JsonObject>>;
const operations = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);

test("every route of the service is in /openapi.json, and nothing else is", () => {
  const served = app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}")}`);
  const told = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`);
  assert.deepEqual([...new Set(served)].sort(), told.sort());
});

test("operations have names of their own", () => {
  const ids = operations.map(({ operation }) => operation["operationId"]);
  assert.equal(new Set(ids).size, ids.length);
});

const bodies = operations.flatMap(({ path, method, operation }) => {
  const body = operation["requestBody"];
  if (!isObject(body)) return [];
  const media = (body["content"] as JsonObject)["application/json"] as {
    schema: JsonObject;
    examples?: Record<string, { value: JsonObject }>;
  };
  return [{ name: `${method.toUpperCase()} ${path}`, path, ...media }];
});

describe("schemas of bodies are JSON Schema that another validator reads the same way", () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  for (const { name, schema, examples = {} } of bodies) {
    const check = ajv.compile(schema);
    for (const [title, { value }] of Object.entries(examples)) {
      test(`${name}: the example "${title}" fits`, () =>
        assert.ok(check(value), ajv.errorsText(check.errors)));
    }
  }
});

describe("what does not fit a schema is refused with 400 in the form of the wire, and never reaches the engine", () => {
  for (const { name, path, schema } of bodies) {
    const required = Array.isArray(schema["required"]) ? schema["required"] : [];
    const wrong: [string, string][] = [
      ["a list", "[]"],
      ["broken JSON", "{"],
      ...required.map((field): [string, string] => [
        `${field} of another type`,
        JSON.stringify({ [String(field)]: { x: [] } }),
      ]),
    ];
    for (const [title, body] of wrong) {
      test(`${name}: ${title}`, async () => {
        const url = path.replace(/\{\w+\}/g, "none");
        const reply = await app.request(url, { method: "POST", headers, body });
        assert.equal(reply.status, 400);
        const { error } = (await reply.json()) as { error: unknown };
        assert.ok(typeof error === "string" ? path.startsWith("/api/") : isObject(error));
      });
    }
  }
});

describe("shapes", () => {
  const shape = object({
    who: name(),
    age: optional(integer({ minimum: 0 })),
    kind: oneOf("a", "b"),
    said: optional(either(text(), list(object({ text: text() })))),
    loud: optional(bool()),
  });
  const fitting = [
    { who: "Ann", kind: "a" },
    { who: "Ann", kind: "b", age: null, said: null, extra: [1] },
    { who: "Ann", kind: "a", said: [{ text: "x" }], age: 3, loud: false },
  ];
  for (const value of fitting)
    test(`${JSON.stringify(value)} fits`, () => assert.deepEqual(fit(shape, value), { value }));

  const misfits: [value: unknown, path: string][] = [
    [{ kind: "a" }, "who"],
    [{ who: "", kind: "a" }, "who"],
    [{ who: "Ann", kind: "c" }, "kind"],
    [{ who: "Ann", kind: "a", age: "3" }, "age"],
    [{ who: "Ann", kind: "a", age: -1 }, "age"],
    [{ who: "Ann", kind: "a", loud: "yes" }, "loud"],
    [[], ""],
  ];
  for (const [value, path] of misfits) {
    test(`${JSON.stringify(value)} does not, and says where`, () => {
      const found = fit(shape, value);
      assert.ok("misfit" in found);
      assert.equal(found.misfit.path, path);
      assert.match(found.misfit.message, path === "" ? /The body/ : new RegExp(`\`${path}\``));
    });
  }
});
