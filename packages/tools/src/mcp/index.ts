/**
 * The Model Context Protocol, both sides, on the official SDK (loaded when first used): servers' tools as Hearth's, and
 * Hearth's tools for other programs. Owns what is believed of a server (nothing it says loosens anything), how much of what
 * it sends is taken, and how its processes are started and ended. Does not own when a call may run: that is the policy's.
 */
export { cleanText } from "./clean.ts";
export { type ConnectionOptions, McpConnection, type RequestOptions } from "./connection.ts";
export { McpConnectionError, McpOutcomeUnknownError, McpRequestError } from "./failures.ts";
export {
  getPrompt,
  listPrompts,
  listResources,
  type McpPrompt,
  type McpResource,
  readResource,
} from "./resources.ts";
export {
  type McpServerOptions,
  type ServeMcpOptions,
  serveMcp,
  type ToolServers,
  toolServers,
  wireTool,
} from "./server.ts";
export { connectMcp, type McpOptions, type McpTools } from "./set.ts";
export { parseMcp } from "./spec.ts";
export { serverTools } from "./tools.ts";
export { type HttpServer, MCP_LIMITS, MCP_TIMES, type McpServer, type StdioServer } from "./types.ts";
