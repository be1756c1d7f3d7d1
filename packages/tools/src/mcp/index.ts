/**
 * The Model Context Protocol, both sides, on the official SDK: servers' tools as Hearth's, and Hearth's tools for other
 * programs. Owns what is believed of a server (nothing it says loosens anything), how much of what it sends is taken, and how
 * its processes are started and ended. Does not own when a call may run: that is the policy's. Loaded when it is first used.
 */
export type { ConnectionOptions, McpConnection, RequestOptions } from "./connection.ts";
export { McpConnectionError, McpOutcomeUnknownError, McpRequestError } from "./failures.ts";
export type { McpPrompt, McpResource } from "./resources.ts";
export type { McpServerOptions, ServeMcpOptions, ToolServers } from "./server.ts";
export type { McpOptions, McpTools } from "./set.ts";
export { parseMcp } from "./spec.ts";
export { type HttpServer, MCP_LIMITS, MCP_TIMES, type McpServer, type StdioServer } from "./types.ts";

export const connectMcp: typeof import("./set.ts").connectMcp = async (...args) =>
  (await import("./set.ts")).connectMcp(...args);

export const serveMcp: typeof import("./server.ts").serveMcp = async (...args) =>
  (await import("./server.ts")).serveMcp(...args);

export const toolServers: typeof import("./server.ts").toolServers = async (...args) =>
  (await import("./server.ts")).toolServers(...args);

export const listResources: typeof import("./resources.ts").listResources = async (...args) =>
  (await import("./resources.ts")).listResources(...args);

export const readResource: typeof import("./resources.ts").readResource = async (...args) =>
  (await import("./resources.ts")).readResource(...args);

export const listPrompts: typeof import("./resources.ts").listPrompts = async (...args) =>
  (await import("./resources.ts")).listPrompts(...args);

export const getPrompt: typeof import("./resources.ts").getPrompt = async (...args) =>
  (await import("./resources.ts")).getPrompt(...args);
