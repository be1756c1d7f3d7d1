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
  type: oneOf(
    "input_text",
    "output_text",
    "text",
    "refusal",
    "input_image",
    "input_file",
    "summary_text",
    "reasoning_text",
  ),
  text: optional(text()),
  refusal: optional(text()),
  image_url: optional(text("A data URL")),
});

const item = object({
  type: optional(oneOf("message", "function_call", "function_call_output", "reasoning", "item_reference")),
  id: optional(text()),
  role: optional(oneOf("user", "assistant", "system", "developer")),
  content: optional(either(text(), list(part))),
  call_id: optional(text()),
  name: optional(text()),
  arguments: optional(text("JSON text")),
  output: optional(either(text(), list(part))),
  summary: optional(list(part)),
});

export const RESPONSE_REQUEST = object({
  model: name("A model of the engine, or `agent:NAME` for the whole loop"),
  input: either(text(), list(item, { minItems: 1 })),
  instructions: optional(text("Not carried over from the response before")),
  previous_response_id: optional(text("Goes on from that response; kept in memory, the newest ones")),
  stream: optional(bool()),
  background: optional(bool("Goes on when the client leaves; poll or stream it by its id")),
  store: optional(bool("Default true")),
  tools: optional(
    list(
      object({
        type: oneOf("function"),
        name: name(),
        description: optional(text()),
        parameters: optional(record("JSON Schema")),
        strict: optional(bool()),
      }),
    ),
  ),
  tool_choice: optional(
    either(oneOf("none", "auto", "required"), object({ type: oneOf("function"), name: name() })),
  ),
  parallel_tool_calls: optional(bool()),
  text: optional(
    object({
      format: optional(
        object({
          type: oneOf("text", "json_object", "json_schema"),
          name: optional(text()),
          schema: optional(record()),
          strict: optional(bool()),
        }),
      ),
    }),
  ),
  reasoning: optional(
    object({
      effort: optional(oneOf("none", "minimal", "low", "medium", "high", "xhigh")),
      summary: optional(text()),
    }),
  ),
  max_output_tokens: optional(integer({ minimum: 1 })),
  temperature: optional(number({ minimum: 0 })),
  top_p: optional(number({ minimum: 0, maximum: 1 })),
  truncation: optional(oneOf("auto", "disabled")),
  metadata: optional(record()),
  include: optional(anything()),
});

export type ResponseBody = Of<typeof RESPONSE_REQUEST>;
export type InputItem = Exclude<ResponseBody["input"], string>[number];
