import {
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

const source = object({
  type: oneOf("base64", "url", "text", "file", "content"),
  media_type: optional(text()),
  data: optional(text()),
});

const inner = object({ type: text(), text: optional(text()), source: optional(source) });

const block = object({
  type: oneOf(
    "text",
    "image",
    "document",
    "tool_use",
    "tool_result",
    "thinking",
    "redacted_thinking",
    "search_result",
  ),
  text: optional(text()),
  source: optional(source),
  thinking: optional(text()),
  id: optional(text()),
  name: optional(text()),
  input: optional(record()),
  tool_use_id: optional(text()),
  content: optional(either(text(), list(inner))),
  is_error: optional(bool()),
});

const message = object({
  role: oneOf("user", "assistant", "system"),
  content: either(text(), list(block)),
});

const asked = {
  model: name("A model of the engine, or `agent:NAME` for the whole loop"),
  messages: list(message, { minItems: 1 }),
  system: optional(either(text(), list(object({ type: oneOf("text"), text: text() })))),
  tools: optional(
    list(
      object({
        type: optional(text()),
        name: name(),
        description: optional(text()),
        input_schema: optional(record("JSON Schema")),
      }),
    ),
  ),
  tool_choice: optional(
    object({
      type: oneOf("auto", "any", "tool", "none"),
      name: optional(text()),
      disable_parallel_tool_use: optional(bool()),
    }),
  ),
  thinking: optional(
    object({
      type: oneOf("enabled", "disabled", "adaptive"),
      budget_tokens: optional(integer({ minimum: 0 })),
    }),
  ),
};

export const COUNT_REQUEST = object(asked);

export const MESSAGES_REQUEST = object({
  ...asked,
  max_tokens: integer({ minimum: 1 }),
  stream: optional(bool()),
  stop_sequences: optional(list(text())),
  temperature: optional(number({ minimum: 0, maximum: 1 })),
  top_p: optional(number({ minimum: 0, maximum: 1 })),
  top_k: optional(integer({ minimum: 0 })),
  output_config: optional(
    object({ format: optional(object({ type: oneOf("json_schema"), schema: record("JSON Schema") })) }),
  ),
});

export type MessagesBody = Of<typeof MESSAGES_REQUEST>;
export type CountBody = Of<typeof COUNT_REQUEST>;
export type Block = Exclude<MessagesBody["messages"][number]["content"], string>[number];
