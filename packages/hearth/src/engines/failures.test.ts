import assert from "node:assert/strict";
import { test } from "node:test";
import { ContextExceededError } from "../protocol/index.ts";
import { failureOf, refusedField } from "./failures.ts";

const error = (message: string, more: object = {}): string => JSON.stringify({ error: { message, ...more } });

/** What servers say beside the recordings: from their sources and trackers. */
const cases: [name: string, status: number, text: string, type: string, transient: boolean][] = [
  [
    "Ollama: memory short while loading",
    500,
    '{"error":"model requires more system memory (9.1 GiB) than is available (4.2 GiB)"}',
    "EngineFailedError",
    true,
  ],
  [
    "Ollama: runner died",
    500,
    '{"error":"model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, check ollama server logs for details"}',
    "EngineFailedError",
    true,
  ],
  [
    "Ollama: the model's own call can't be read",
    500,
    '{"error":"error parsing tool call: raw=\'{\\"a\\":\', err=unexpected end of JSON input"}',
    "EngineFailedError",
    true,
  ],
  [
    "Ollama: task dropped, template fails",
    500,
    '{"error":"no user query found in messages"}',
    "EngineRefusedError",
    false,
  ],
  [
    "Ollama: wrong type of option",
    500,
    '{"error":"option \\"num_ctx\\" must be of type integer"}',
    "EngineRefusedError",
    false,
  ],
  [
    "Ollama: unknown architecture",
    500,
    '{"error":"llama runner process has terminated: error loading model: unknown model architecture: \'x\'"}',
    "EngineRefusedError",
    false,
  ],
  [
    "Ollama: no embeddings",
    400,
    '{"error":"this model does not support embeddings"}',
    "CapabilityError",
    false,
  ],
  [
    "llama-server: loading",
    503,
    error("Loading model", { code: 503, type: "unavailable_error" }),
    "EngineBusyError",
    true,
  ],
  [
    "llama-server: no --jinja",
    500,
    error("tools param requires --jinja flag", { code: 500 }),
    "CapabilityError",
    false,
  ],
  [
    "llama-server: its parser failed on the answer",
    500,
    error("Failed to parse input at pos 12: <tool_call>", { code: 500 }),
    "EngineFailedError",
    true,
  ],
  [
    "llama-server: wrong key",
    401,
    error("Invalid API Key", { code: 401, type: "authentication_error" }),
    "AuthenticationError",
    false,
  ],
  [
    "OpenAI: wrong key",
    401,
    error("Incorrect API key provided: none.", { code: "invalid_api_key" }),
    "AuthenticationError",
    false,
  ],
  [
    "OpenAI: too fast",
    429,
    error("Rate limit reached", { code: "rate_limit_exceeded" }),
    "EngineBusyError",
    true,
  ],
  [
    "OpenAI: no money",
    429,
    error("You exceeded your current quota", { code: "insufficient_quota" }),
    "EngineRefusedError",
    false,
  ],
  [
    "OpenAI: no such model",
    404,
    error("The model `x` does not exist or you do not have access to it.", { code: "model_not_found" }),
    "ModelNotFoundError",
    false,
  ],
  [
    "vLLM: no such model",
    404,
    '{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","code":404}',
    "ModelNotFoundError",
    false,
  ],
  [
    "vLLM: no tool parser",
    400,
    error('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
    "CapabilityError",
    false,
  ],
  [
    "LM Studio: nothing loaded",
    404,
    error("No models loaded. Please load a model in the developer page"),
    "ModelNotFoundError",
    false,
  ],
  [
    "LM Studio: object tool_choice",
    400,
    error("Invalid tool_choice type: 'object'. Supported string values: none, auto, required"),
    "EngineRefusedError",
    false,
  ],
  [
    "images to a model that can't see",
    400,
    error("image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"),
    "CapabilityError",
    false,
  ],
  ["a proxy in front", 502, "<html><body>Bad Gateway</body></html>", "EngineFailedError", true],
  ["a proxy's time is up", 504, "", "EngineFailedError", true],
  [
    "in the middle of a stream",
    0,
    '{"error":"an error was encountered while running the model: CUDA error"}',
    "StreamCutError",
    true,
  ],
  [
    "in the middle of a stream, with a code",
    0,
    error("Service overloaded", { code: 503 }),
    "EngineBusyError",
    true,
  ],
];

for (const [name, status, text, type, transient] of cases) {
  test(`failure: ${name} is ${type}`, () => {
    const failure = failureOf({ status, text, address: "http://h:1", model: "m" });
    assert.equal(failure.name, type, failure.message);
    assert.equal(failure.transient, transient);
    assert.match(failure.message, /http:\/\/h:1/);
    assert.ok(failure.remedy);
  });
}

const overflows: [name: string, text: string, prompt?: number, window?: number][] = [
  [
    "llama-server",
    error("request (5019 tokens) exceeds the available context size (4096 tokens), try increasing it", {
      type: "exceed_context_size_error",
      n_prompt_tokens: 5019,
      n_ctx: 4096,
    }),
    5019,
    4096,
  ],
  [
    "llama-server without figures",
    error("request (5019 tokens) exceeds the available context size (4096 tokens), try increasing it"),
    5019,
    4096,
  ],
  [
    "OpenAI",
    error(
      "This model's maximum context length is 4097 tokens. However, you requested 5000 tokens (4000 in the messages, 1000 in the completion).",
      { code: "context_length_exceeded" },
    ),
    4000,
    4097,
  ],
  [
    "vLLM",
    error(
      "This model's maximum context length is 4096 tokens. However, your request has 5123 input tokens. Please reduce the length of the input messages.",
    ),
    5123,
    4096,
  ],
  [
    "SGLang",
    error("The input (9000 tokens) is longer than the model's context length (8192 tokens)."),
    9000,
    8192,
  ],
  [
    "LM Studio",
    error(
      "Trying to keep the first 6015 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.",
    ),
    6015,
    4096,
  ],
  [
    "Ollama with shift:false",
    '{"error":"the prompt is longer than the context length currently available to the model; shorten the prompt"}',
  ],
  ["Ollama, embeddings", '{"error":"input length exceeds maximum context length"}'],
];

for (const [name, text, prompt, window] of overflows) {
  test(`overflow as ${name} says it`, () => {
    const failure = failureOf({ status: 400, text, address: "http://h:1", model: "m" });
    assert.ok(failure instanceof ContextExceededError, failure.name);
    assert.deepEqual([failure.promptTokens, failure.windowTokens], [prompt, window]);
    assert.equal(failure.exitCode, 3);
  });
}

test("a redirect names the address to give instead", () => {
  const failure = failureOf({ status: 308, text: "", address: "http://h", location: "https://h/v1" });
  assert.equal(failure.name, "EngineRefusedError");
  assert.match(failure.message, /https:\/\/h\/v1/);
});

test("a page of HTML is quoted in one bounded line", () => {
  const failure = failureOf({ status: 400, text: `<html>\n${"x ".repeat(5000)}`, address: "http://h" });
  assert.ok(failure.message.length < 500);
  assert.doesNotMatch(failure.message, /\n/);
});

const refusals: [message: string, field: string | undefined][] = [
  [
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    "max_tokens",
  ],
  ["Unrecognized request argument supplied: top_k", "top_k"],
  ['[{"type":"extra_forbidden","loc":["body","min_p"],"msg":"Extra inputs are not permitted"}]', "min_p"],
  ["top_k must be positive", undefined],
  ["messages are not supported", undefined],
];
for (const [message, field] of refusals) {
  test(`field refused in ${JSON.stringify(message.slice(0, 40))}: ${field}`, () => {
    assert.equal(refusedField(message, ["top_k", "min_p", "max_tokens"]), field);
  });
}
