/** A program that speaks MCP over its stdin and stdout. */
export interface StdioServer {
  kind: "stdio";
  /** Found on PATH, or a path meant from the folder Hearth was started in. */
  program: string;
  args: readonly string[];
  /** Variables beside the few every server gets (`environment.ts`); nothing else is inherited. */
  env?: Readonly<Record<string, string>>;
  /** Folder to start in, absolute. Default: the current one. */
  cwd?: string;
}

/** A server that speaks MCP over streamable HTTP, or over the older HTTP with SSE. */
export interface HttpServer {
  kind: "http";
  url: string;
  /** Sent with each request, for example `Authorization`. */
  headers?: Readonly<Record<string, string>>;
}

export type McpServer = (StdioServer | HttpServer) & {
  /** What people call it, until it says its own name. Default: the program's or the host's name. */
  name?: string;
  /**
   * Whether what it says of its tools is believed (`readOnlyHint`, `idempotentHint`, `openWorldHint`). Default false: every
   * tool is `once`, private, untrusted, egress, whatever it says; the user alone may loosen that.
   */
  trustHints?: boolean;
};

/** Bounds on what a server may send. Each that is reached is said, nothing is cut silently. */
export const MCP_LIMITS = {
  /** Bytes of one message. */
  messageBytes: 16 * 1024 * 1024,
  /** Tools of one server. */
  tools: 200,
  /** Pages of one list. */
  pages: 50,
  /** Characters of a tool's description, and of a description inside its schema. */
  description: 4000,
  fieldDescription: 1000,
  /** Characters of a tool's schema as JSON. */
  schema: 64 * 1024,
  /** Characters of a result; longer ones keep their head and tail. */
  result: 1_000_000,
  /** Bytes of images of one result kept in its details. */
  imageBytes: 256 * 1024,
  /** Characters kept of what a server writes to stderr. */
  stderr: 8192,
} as const;

/** Milliseconds: to connect (a package may have to be fetched first), for a list, for one call at most, to wind down. */
export const MCP_TIMES = { connect: 60_000, list: 30_000, call: 310_000, close: 500 } as const;
