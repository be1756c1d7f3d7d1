import type { Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { MAX_BODY_BYTES } from "../guard.ts";
import { failed, problem, RequestError } from "../problem.ts";
import { fit, type Shape } from "./shape.ts";

export type Method = "GET" | "POST" | "DELETE";

/** What a route says of itself; `/openapi.json` is made of these. */
export interface RouteSpec<T = unknown> {
  method: Method;
  /** Hono's form: `/agent/runs/:id`. */
  path: string;
  /** Unique; the operation's name in generated clients. */
  id: string;
  tag: string;
  summary: string;
  description?: string;
  /** Left out: the route takes no body. */
  body?: Shape<T>;
  /** An absent body counts as `{}`. */
  bodyOptional?: boolean;
  query?: Record<string, { schema: Shape<unknown>; description: string }>;
  headers?: Record<string, string>;
  /** Bodies that fit, by name. */
  examples?: Record<string, NoInfer<T>>;
  /** Success: status, in words, and the content types. Default 200 as JSON. */
  answers?: Record<number, { description: string; content?: readonly string[] }>;
  /** Needs a key or the token printed at start. */
  token?: boolean;
}

type Handler<T> = (c: Context, body: T) => Response | Promise<Response>;

/** Mounts routes and remembers what they said of themselves, so that the document can't differ from the code. */
export class Routes {
  readonly specs: RouteSpec[] = [];
  readonly #app: Hono;

  constructor(app: Hono) {
    this.#app = app;
  }

  add<T>(spec: RouteSpec<T>, handler: Handler<T>): void {
    this.specs.push(spec);
    const { body } = spec;
    const run = async (c: Context): Promise<Response> => {
      try {
        return await handler(
          c,
          body === undefined ? (undefined as T) : await readBody(c, body, spec.bodyOptional),
        );
      } catch (error) {
        return failed(c, error);
      }
    };
    if (spec.method === "POST") this.#app.post(spec.path, LIMIT, run);
    else this.#app.on(spec.method, spec.path, run);
  }
}

const LIMIT = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: (c) => problem(c, 413, "too_large", `A body may have ${MAX_BODY_BYTES} bytes at most.`),
});

async function readBody<T>(c: Context, shape: Shape<T>, optional: boolean | undefined): Promise<T> {
  const content = await c.req.text();
  let value: unknown;
  try {
    value = optional === true && content.trim() === "" ? {} : JSON.parse(content);
  } catch (error) {
    throw new RequestError(
      400,
      `The body is not valid JSON: ${error instanceof Error ? error.message : error}.`,
    );
  }
  const found = fit(shape, value);
  if ("value" in found) return found.value;
  const { path, message } = found.misfit;
  throw new RequestError(400, message, path === "" ? {} : { param: path });
}
