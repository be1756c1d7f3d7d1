/**
 * The parts of undici that the client needs, and not its fetch, cache and mocks, which take longer to load than a command to start.
 * `npm pack` puts them into this file (scripts/bundle-undici.ts), so that the package needs no other for them.
 */
export { default as EnvHttpProxyAgent } from "undici/lib/dispatcher/env-http-proxy-agent.js";
export { default as Pool } from "undici/lib/dispatcher/pool.js";
