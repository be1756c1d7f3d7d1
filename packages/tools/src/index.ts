/**
 * Tools for local language models, confined to a workspace.
 * Owns what a tool does and how it is confined (files/, confine/). Does not own when a call may run: that is the policy's.
 */
export * from "./audit/index.ts";
export * from "./bridges/index.ts";
export * from "./confine/index.ts";
export * from "./edit/index.ts";
export * from "./egress/index.ts";
export * from "./files/index.ts";
export * from "./judge/index.ts";
export * from "./mcp/index.ts";
export * from "./packages/index.ts";
export * from "./programs/index.ts";
export * from "./sandbox/index.ts";
export * from "./toolbox.ts";
export * from "./web/index.ts";
