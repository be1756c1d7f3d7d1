import type { Context, Hono } from "hono";
import { MAX_BODY_BYTES } from "../guard.ts";
import { failed, RequestError } from "../problem.ts";
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
    this.#app.on(spec.method, spec.path, run);
  }
}

async function readBody<T>(c: Context, shape: Shape<T>, optional: boolean | undefined): Promise<T> {
  const content = await readText(c);
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

/** A body that tells its length is no longer than that; one that does not is counted as it comes. */
async function readText(c: Context): Promise<string> {
  const length = c.req.header("content-length");
  if (length !== undefined) {
    if (Number(length) > MAX_BODY_BYTES) throw tooLarge();
    return c.req.text();
  }
  const { body } = c.req.raw;
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tooLarge(): RequestError {
  return new RequestError(413, `A body may have ${MAX_BODY_BYTES} bytes at most.`, { code: "too_large" });
}
