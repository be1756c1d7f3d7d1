import { isObject, ToolError } from "hearth";

/** The server could not be reached, is none, or went away. */
export class McpConnectionError extends ToolError {}

/** The connection was lost while a tool's call was under way: nobody knows whether it took effect. */
export class McpOutcomeUnknownError extends McpConnectionError {}

/** The server answered with an error of the protocol. */
export class McpRequestError extends ToolError {}

/** The code of an error of the SDK or of Node: `CONNECTION_CLOSED`, `ECONNREFUSED`, -32602. */
function codesOf(error: unknown): Set<unknown> {
  const codes = new Set<unknown>();
  for (let one: unknown = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth++) {
    if ("code" in one) codes.add(one.code);
    if (one instanceof AggregateError)
      for (const inner of one.errors) for (const code of codesOf(inner)) codes.add(code);
  }
  return codes;
}

const NEVER_SENT = new Set<unknown>([
  "NOT_CONNECTED",
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
]);

/** Whether the request surely did not reach the server's tool, so that it may be made again. */
export function neverSent(error: unknown): boolean {
  const codes = codesOf(error);
  // A session that the server no longer knows: the specification asks for a new one.
  return [...codes].some((code) => NEVER_SENT.has(code)) || statusOf(error) === 404;
}

/** Whether the server itself refused the request, after it understood it. */
export function refused(error: unknown): error is Error & { code: number } {
  return (
    error instanceof Error &&
    error.name === "ProtocolError" &&
    "code" in error &&
    Number.isInteger(error.code)
  );
}

/** The HTTP status in an error of the SDK. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  for (const source of ["data" in error ? error.data : undefined, error]) {
    if (!isObject(source) && !(source instanceof Error)) continue;
    const status = "status" in source ? source["status"] : undefined;
    if (typeof status === "number") return status;
  }
  return undefined;
}

/** One line of an error's message and its causes, bounded: a server may send a page of it. */
export function brief(error: unknown): string {
  const parts: string[] = [];
  for (let one: unknown = error, depth = 0; one instanceof Error && depth < 4; one = one.cause, depth++) {
    const text = one.message.replace(/\s+/g, " ").trim();
    if (text !== "" && !parts.includes(text)) parts.push(text);
  }
  if (parts.length === 0) parts.push(String(error));
  const line = parts.join(": ");
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
