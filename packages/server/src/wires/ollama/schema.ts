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

const toolCall = object({
  id: optional(text()),
  function: object({ name: name(), arguments: optional(record()), index: optional(integer()) }),
});

const message = object({
  role: oneOf("system", "user", "assistant", "tool"),
  content: optional(text()),
  thinking: optional(text()),
  images: optional(list(text("base64"))),
  tool_calls: optional(list(toolCall)),
  tool_name: optional(text("Of the tool whose result this is")),
  tool_call_id: optional(text()),
});

const tool = object({
  type: optional(oneOf("function")),
  function: object({
    name: name(),
    description: optional(text()),
    parameters: optional(record("JSON Schema")),
  }),
});

const options = object({
  num_ctx: optional(
    integer({ minimum: 1 }, "Tokens of the window; a change makes engines load the model anew"),
  ),
  num_predict: optional(integer()),
  temperature: optional(number({ minimum: 0 })),
  top_p: optional(number({ minimum: 0, maximum: 1 })),
  top_k: optional(integer({ minimum: 0 })),
  min_p: optional(number({ minimum: 0, maximum: 1 })),
  seed: optional(integer()),
  stop: optional(either(text(), list(text()))),
});

const common = {
  stream: optional(bool("Default true")),
  format: optional(either(oneOf("json", ""), record("JSON Schema"))),
  options: optional(options),
  think: optional(either(bool(), oneOf("low", "medium", "high"))),
  keep_alive: optional(anything("Read, but the service decides how long models stay")),
};

export const CHAT_REQUEST = object({
  model: name("A model of the engine, or `agent:NAME` for the whole loop"),
  messages: optional(list(message)),
  tools: optional(list(tool)),
  ...common,
});

export const GENERATE_REQUEST = object({
  model: name(),
  prompt: optional(text()),
  system: optional(text()),
  images: optional(list(text("base64"))),
  suffix: optional(text()),
  raw: optional(bool()),
  ...common,
});

export const SHOW_REQUEST = object({
  model: optional(text()),
  name: optional(text("The old name of `model`")),
});

export const EMBED_REQUEST = object({
  model: name(),
  input: either(text(), list(text())),
});

/** The old form, of one text. */
export const EMBEDDINGS_REQUEST = object({ model: name(), prompt: text() });

export type ChatBody = Of<typeof CHAT_REQUEST>;
export type GenerateBody = Of<typeof GENERATE_REQUEST>;
