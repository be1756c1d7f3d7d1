import { isObject, type JsonObject } from "hearth";
import type { RouteSpec } from "./routes.ts";

/** OpenAPI 3.1: its schemas are JSON Schema 2020-12, as ours are. */
export function openApiDocument(specs: readonly RouteSpec[], version: string): JsonObject {
  const paths: JsonObject = {};
  for (const spec of specs) {
    const path = spec.path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}");
    const item = isObject(paths[path]) ? paths[path] : {};
    paths[path] = { ...item, [spec.method.toLowerCase()]: operation(spec, path) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Hearth",
      version,
      description: "Runs of agents, and the wires of OpenAI, Anthropic and Ollama, over any local engine.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    paths,
    components: {
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "A key, or the token printed at start" },
        header: { type: "apiKey", in: "header", name: "x-api-key" },
      },
      schemas: { Error: ERROR },
    },
  };
}

/** Own, OpenAI's, Anthropic's and Ollama's form. */
const ERROR: JsonObject = {
  anyOf: [
    {
      type: "object",
      properties: {
        error: {
          type: "object",
          properties: { message: { type: "string" } },
          required: ["message"],
        },
      },
      required: ["error"],
    },
    { type: "object", properties: { error: { type: "string" } }, required: ["error"] },
  ],
};

function operation(spec: RouteSpec, path: string): JsonObject {
  const parameters: JsonObject[] = [...path.matchAll(/\{(\w+)\}/g)].map((match) => ({
    name: match[1] ?? "",
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  for (const [name, { schema, description }] of Object.entries(spec.query ?? {})) {
    parameters.push({ name, in: "query", required: false, description, schema: schema.schema });
  }
  for (const [name, description] of Object.entries(spec.headers ?? {})) {
    parameters.push({ name, in: "header", required: false, description, schema: { type: "string" } });
  }
  const answers = spec.answers ?? { 200: { description: "OK" } };
  const responses: JsonObject = {};
  for (const [status, { description, content = ["application/json"] }] of Object.entries(answers)) {
    responses[status] = {
      description,
      ...(content.length === 0 ? {} : { content: Object.fromEntries(content.map((type) => [type, {}])) }),
    };
  }
  responses["default"] = {
    description: "What went wrong, in the form of the wire",
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  };
  return {
    operationId: spec.id,
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    security: securityOf(spec),
    "x-access": spec.access,
    ...(spec.body === undefined ? {} : { requestBody: requestBody(spec) }),
    responses,
  };
}

/** Where no keys exist, only some routes ask for one. */
function securityOf({ access, token }: RouteSpec): JsonObject[] {
  if (access === "public") return [];
  return [{ key: [] }, { header: [] }, ...(token === true ? [] : [{}])];
}

function requestBody(spec: RouteSpec): JsonObject {
  const examples = Object.fromEntries(
    Object.entries(spec.examples ?? {}).map(([name, value]) => [name, { value: value as JsonObject }]),
  );
  return {
    required: spec.bodyOptional !== true,
    content: {
      "application/json": {
        schema: spec.body?.schema ?? {},
        ...(Object.keys(examples).length === 0 ? {} : { examples }),
      },
    },
  };
}
