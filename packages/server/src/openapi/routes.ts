import type { Context, Hono } from "hono";
import { type Access, type AccessControl, enter, requireNamed } from "../access/index.ts";
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
  /** What it asks of who calls it. There is no route without. */
  access: Access;
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
  /** Needs a key or the token printed at start, on loopback and without keys too. */
  token?: boolean;
}

type Handler<T> = (c: Context, body: T) => Response | Promise<Response>;

/** Mounts routes and remembers what they said of themselves, so that the document can't differ from the code. */
export class Routes {
  readonly specs: RouteSpec[] = [];
  readonly #app: Hono;
  readonly #control: AccessControl;

  constructor(app: Hono, control: AccessControl) {
    this.#app = app;
    this.#control = control;
  }

  add<T>(spec: RouteSpec<T>, handler: Handler<T>): void {
    const control = this.#control;
    const { body, method, path } = spec;
    if (spec.access === undefined) throw new Error(`${method} ${path} does not say who may call it.`);
    if (spec.access === "public") control.public.add(`${method} ${path}`);
    this.specs.push(spec);
    const long = mayBeLong(spec);
    const run = async (c: Context): Promise<Response> => {
      let release: (() => void) | undefined;
      try {
        const principal = enter(c, spec);
        if (long && principal !== undefined) release = control.open(c, principal);
        if (body === undefined) return await handler(c, undefined as T);
        const given = await readBody(c, body, spec.bodyOptional, control.limits.maxBodyBytes);
        if (principal !== undefined) requireNamed(principal, given);
        return await handler(c, given);
      } catch (error) {
        return failed(c, error);
      } finally {
        release?.();
      }
    };
    this.#app.on(spec.method, spec.path, run);
  }
}

/** Whether its answer may be a stream. */
function mayBeLong({ answers = {} }: Pick<RouteSpec, "answers">): boolean {
  const types = Object.values(answers).flatMap(({ content = [] }) => content);
  return types.includes("text/event-stream") || types.includes("application/x-ndjson");
}

async function readBody<T>(
  c: Context,
  shape: Shape<T>,
  optional: boolean | undefined,
  maxBytes: number,
): Promise<T> {
  const content = await readText(c, maxBytes);
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
async function readText(c: Context, maxBytes: number): Promise<string> {
  const length = c.req.header("content-length");
  // The gate has looked at the length.
  if (length !== undefined) return c.req.text();
  const { body } = c.req.raw;
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tooLarge(maxBytes: number): RequestError {
  return new RequestError(413, `A body may have ${maxBytes} bytes at most.`, { code: "too_large" });
}
