/**
 * The HTTP service: the agent endpoint as JSON and as server-sent events, behind a bounded queue.
 * Owns routes, their guard and the order of runs. Does not own the loop, tools or settings: agents are passed in.
 */
export * from "./access/public.ts";
export * from "./operations/index.ts";
export * from "./queue/index.ts";
export { createApp, type ServeOptions, type Service, serve } from "./serve.ts";
