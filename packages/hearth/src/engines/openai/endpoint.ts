import { type Endpoint, endpointOf, withPath } from "../http/index.ts";

/** Tails that people paste along with the address. */
const ROUTES = /\/(chat\/completions|completions|models|embeddings|responses)$/;
/** A path that names a version is the provider's own, for example `/v1beta/openai` or `/api/paas/v4`. */
const VERSIONED = /\/v\d+[a-z0-9]*(\/|$)/;

/**
 * From an address with or without `/v1`: where the OpenAI routes are (`api`), and the server's root, where llama-server,
 * vLLM and LM Studio keep what they have beside them.
 */
export function openaiEndpoints(url: string): { api: Endpoint; root: Endpoint } {
  const given = endpointOf(url);
  let path = given.path.replace(ROUTES, "").replace(/(\/v1)+$/, "/v1");
  if (given.loopback) path = path.replace(/^\/api(\/v1)?$/, "$1");
  const rootPath = path.replace(/\/v1$/, "");
  const apiPath = VERSIONED.test(path) ? path : `${path}/v1`;
  return { api: withPath(given, apiPath), root: withPath(given, rootPath) };
}
