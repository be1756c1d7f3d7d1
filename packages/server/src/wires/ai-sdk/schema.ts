import { anything, bool, list, name, type Of, object, oneOf, optional, text } from "../../openapi/index.ts";

/** A part of a UI message; those of tools are named `tool-NAME` or `dynamic-tool`. What else there is is the client's own. */
const part = object({
  type: text(),
  text: optional(text()),
  toolCallId: optional(text()),
  toolName: optional(text()),
  state: optional(text()),
  input: optional(anything()),
  output: optional(anything()),
  errorText: optional(text()),
  mediaType: optional(text()),
  approval: optional(object({ id: name(), approved: optional(bool()), reason: optional(text()) })),
});

const message = object({
  id: optional(text()),
  role: oneOf("system", "user", "assistant"),
  parts: list(part),
});

export const UI_REQUEST = object({
  id: optional(text("Of the chat")),
  messages: list(message, { minItems: 1 }),
  trigger: optional(text()),
  messageId: optional(text()),
  model: optional(text("Another model of the engine")),
  tools: optional(list(text(), {}, "Names of those the run may use; left out: all")),
});

export type UiBody = Of<typeof UI_REQUEST>;
export type UiMessage = UiBody["messages"][number];
export type UiPart = UiMessage["parts"][number];
