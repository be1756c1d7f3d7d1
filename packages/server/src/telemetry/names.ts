/**
 * Every name that leaves this process for a collector, once. The conventions for generative AI are still in development and change:
 * these are those of github.com/open-telemetry/semantic-conventions-genai at revision 004902b8 (2026), with `error.*` and `server.*` of
 * the semantic conventions 1.41.1. Names that begin with `hearth.` are our own.
 */
export const REVISION = "semantic-conventions-genai@004902b8";
export const SCHEMA_URL = "https://opentelemetry.io/schemas/1.41.0";

export const OPERATION = {
  chat: "chat",
  completion: "text_completion",
  agent: "invoke_agent",
  tool: "execute_tool",
} as const;

export const ATTRIBUTE = {
  operation: "gen_ai.operation.name",
  provider: "gen_ai.provider.name",
  agent: "gen_ai.agent.name",
  conversation: "gen_ai.conversation.id",
  requestModel: "gen_ai.request.model",
  temperature: "gen_ai.request.temperature",
  topP: "gen_ai.request.top_p",
  topK: "gen_ai.request.top_k",
  maxTokens: "gen_ai.request.max_tokens",
  seed: "gen_ai.request.seed",
  finishReasons: "gen_ai.response.finish_reasons",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  cachedTokens: "gen_ai.usage.cache_read.input_tokens",
  tokenType: "gen_ai.token.type",
  toolName: "gen_ai.tool.name",
  toolCallId: "gen_ai.tool.call.id",
  toolType: "gen_ai.tool.type",
  // What follows is content: only where somebody asked for it.
  toolArguments: "gen_ai.tool.call.arguments",
  toolResult: "gen_ai.tool.call.result",
  inputMessages: "gen_ai.input.messages",
  outputMessages: "gen_ai.output.messages",
  instructions: "gen_ai.system_instructions",
  error: "error.type",
  serverAddress: "server.address",
  serverPort: "server.port",
  serviceName: "service.name",
  serviceVersion: "service.version",
  runId: "hearth.run.id",
  resumed: "hearth.run.resumed",
  stopReason: "hearth.run.stop_reason",
  steps: "hearth.run.steps",
  sandbox: "hearth.tool.sandbox",
  firstMs: "hearth.time_to_first_token_ms",
} as const;

/** Real numbers, whole ones among them too: a store wants one type for a name. */
export const REALS: ReadonlySet<string> = new Set([ATTRIBUTE.temperature, ATTRIBUTE.topP, ATTRIBUTE.firstMs]);

/** Seconds; the bounds that the conventions advise for durations. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
/** Tokens; the bounds that the conventions advise. */
const TOKENS = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];

export const METRIC = {
  tokens: { name: "gen_ai.client.token.usage", unit: "{token}", bounds: TOKENS },
  duration: { name: "gen_ai.client.operation.duration", unit: "s", bounds: SECONDS },
  first: { name: "gen_ai.client.operation.time_to_first_chunk", unit: "s", bounds: SECONDS },
  agent: { name: "gen_ai.invoke_agent.duration", unit: "s", bounds: SECONDS },
  tool: { name: "gen_ai.execute_tool.duration", unit: "s", bounds: SECONDS },
} as const;
