import {
  anything,
  either,
  list,
  name,
  type Of,
  object,
  oneOf,
  optional,
  record,
  text,
} from "../../openapi/index.ts";

const part = object({
  type: oneOf("text", "image", "audio", "video", "document", "binary"),
  text: optional(text()),
  source: optional(object({ type: text(), value: optional(text()), mimeType: optional(text()) })),
});

const message = object({
  id: optional(text()),
  role: oneOf("developer", "system", "user", "assistant", "tool", "activity", "reasoning"),
  content: optional(either(text(), list(part), record("Of an activity"))),
  toolCalls: optional(
    list(object({ id: name(), function: object({ name: name(), arguments: optional(text("JSON text")) }) })),
  ),
  toolCallId: optional(text()),
  error: optional(text()),
});

export const AG_UI_REQUEST = object({
  threadId: name(),
  runId: name("The client's; ours is in the header X-Run-Id and in RUN_STARTED"),
  messages: list(message),
  tools: optional(list(object({ name: name() }))),
  context: optional(list(object({ description: optional(text()), value: text() }))),
  state: optional(anything()),
  forwardedProps: optional(anything("`{model, tools}` are read")),
  resume: optional(
    list(
      object({ interruptId: name(), status: oneOf("resolved", "cancelled"), payload: optional(anything()) }),
    ),
  ),
});

export type AgUiBody = Of<typeof AG_UI_REQUEST>;
export type AgUiMessage = AgUiBody["messages"][number];
