import {
  anything,
  bool,
  either,
  integer,
  list,
  name,
  number,
  type Of,
  object,
  oneOf,
  optional,
  record,
  text,
} from "../../openapi/index.ts";

const part = object({
  type: oneOf("text", "refusal", "image_url", "input_audio", "file"),
  text: optional(text()),
  refusal: optional(text()),
  image_url: optional(
    either(text("A data URL"), object({ url: text("A data URL: `data:image/png;base64,…`") })),
  ),
});

const calledFunction = object({ name: name(), arguments: optional(text("JSON text")) });

const toolCall = object({
  id: optional(text()),
  type: optional(oneOf("function")),
  function: calledFunction,
});

const message = object({
  role: oneOf("system", "developer", "user", "assistant", "tool", "function"),
  content: optional(either(text(), list(part))),
  name: optional(text()),
  reasoning_content: optional(text("What the model thought, as it was given before")),
  tool_calls: optional(list(toolCall)),
  tool_call_id: optional(text()),
  function_call: optional(calledFunction),
});

const functionSchema = object({
  name: name(),
  description: optional(text()),
  parameters: optional(record("JSON Schema")),
});

const tool = object({ type: oneOf("function"), function: functionSchema });

export const CHAT_REQUEST = object({
  model: name("A model of the engine, or `agent:NAME` for the whole loop"),
  messages: list(message, { minItems: 1 }),
  stream: optional(bool()),
  stream_options: optional(object({ include_usage: optional(bool()) })),
  tools: optional(list(tool)),
  tool_choice: optional(
    either(
      oneOf("none", "auto", "required"),
      object({ type: oneOf("function"), function: object({ name: name() }) }),
    ),
  ),
  parallel_tool_calls: optional(bool("False: one call at most")),
  functions: optional(list(functionSchema, {}, "The old form of `tools`")),
  function_call: optional(either(oneOf("none", "auto"), object({ name: name() }))),
  response_format: optional(
    object({
      type: oneOf("text", "json_object", "json_schema"),
      json_schema: optional(
        object({ name: optional(text()), schema: optional(record()), strict: optional(bool()) }),
      ),
    }),
  ),
  temperature: optional(number({ minimum: 0 })),
  top_p: optional(number({ minimum: 0, maximum: 1 })),
  top_k: optional(integer({ minimum: 0 })),
  min_p: optional(number({ minimum: 0, maximum: 1 })),
  seed: optional(integer()),
  max_tokens: optional(integer({ minimum: 1 })),
  max_completion_tokens: optional(integer({ minimum: 1 })),
  stop: optional(either(text(), list(text()))),
  n: optional(integer({ minimum: 1, maximum: 1 }, "Only 1: a local engine answers once")),
  reasoning_effort: optional(oneOf("none", "minimal", "low", "medium", "high", "xhigh")),
  chat_template_kwargs: optional(record("`enable_thinking` is read")),
});

export type ChatBody = Of<typeof CHAT_REQUEST>;
export type ChatMessage = ChatBody["messages"][number];

export const EMBEDDINGS_REQUEST = object({
  model: name(),
  input: either(text(), list(text(), { minItems: 1 })),
  encoding_format: optional(oneOf("float", "base64")),
  dimensions: optional(anything()),
});
