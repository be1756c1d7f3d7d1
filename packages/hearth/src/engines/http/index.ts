/**
 * Bytes to and from an engine over HTTP: connections, bounds, lines, event streams. Owns how a transport fails.
 * Knows nothing of models or messages.
 */
export { HttpAnswer } from "./answer.ts";
export { CONNECT_TIMEOUT_MS, HttpClient, type HttpOptions, type HttpRequest } from "./client.ts";
export { type Endpoint, endpointOf, withPath } from "./endpoint.ts";
export { LineSplitter, LineTooLongError, MAX_LINE_BYTES } from "./lines.ts";
export { cancelError, cutError, EngineAddressError } from "./network-errors.ts";
export { retryAfterMs } from "./retry-after.ts";
export { type ServerEvent, SseReader } from "./sse.ts";
