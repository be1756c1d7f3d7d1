/**
 * The HTTP service: the agent endpoint as JSON and as server-sent events, behind a scheduler.
 * Owns routes, their guard and the order of runs. Does not own the loop, tools or settings: agents are passed in.
 */
export * from "./access/public.ts";
export * from "./operations/index.ts";
export * from "./scheduler/index.ts";
export { createApp, type ServeOptions, type Service, serve } from "./serve.ts";
export { tellHealth, upstreamsOf } from "./upstreams/index.ts";
