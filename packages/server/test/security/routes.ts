/** The routes of a running service, from its own document: a new one is probed without anybody adding it here. */
import { isObject } from "hearth";
import { ask } from "./raw.ts";

export interface Route {
  method: string;
  /** `/agent/runs/{id}` */
  template: string;
  /** With `none` in place of names. */
  path: string;
  access: string;
  /** Asks for a key or the token where no keys exist, too. */
  token: boolean;
  hasBody: boolean;
  /** Of the fields of its body. */
  fields: readonly string[];
}

export async function routesOf(url: string, key: string): Promise<Route[]> {
  const answer = await ask(url, { path: "/openapi.json", headers: [["Authorization", `Bearer ${key}`]] });
  const document: unknown = JSON.parse(answer.body);
  if (!isObject(document) || !isObject(document["paths"])) throw new Error(`no document: ${answer.status}`);
  const routes: Route[] = [];
  for (const [template, item] of Object.entries(document["paths"])) {
    for (const [method, operation] of Object.entries(isObject(item) ? item : {})) {
      if (!isObject(operation)) continue;
      const access = operation["x-access"];
      if (typeof access !== "string") throw new Error(`${method} ${template} does not say who may call it`);
      const security: unknown = operation["security"];
      routes.push({
        method: method.toUpperCase(),
        template,
        path: template.replace(/\{\w+\}/g, "none"),
        access,
        token:
          Array.isArray(security) &&
          security.length > 0 &&
          security.every((one) => Object.keys(one).length > 0),
        hasBody: operation["requestBody"] !== undefined,
        fields: fieldsOf(operation["requestBody"]),
      });
    }
  }
  return routes;
}

function fieldsOf(body: unknown): string[] {
  let at: unknown = body;
  for (const name of ["content", "application/json", "schema", "properties"])
    at = isObject(at) ? at[name] : undefined;
  return isObject(at) ? Object.keys(at) : [];
}
