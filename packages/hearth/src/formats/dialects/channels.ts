import type { Dialect, Route } from "./types.ts";

const CHANNEL = /<\|channel\|>\s*(?<channel>[a-zA-Z]+)/g;
const RECIPIENT = /to=\s*(?:functions\.)?(?<name>[^\s<]+)/;

/** A recipient makes a call, whichever channel carries it; else the channel says what the body is. */
function route(header: string): Route {
  const name = RECIPIENT.exec(header)?.groups?.name;
  if (name !== undefined && name !== "user" && name !== "assistant" && name !== "all")
    return { to: "call", name };
  const channel = [...header.matchAll(CHANNEL)].at(-1)?.groups?.channel ?? "";
  return channel === "analysis" ? { to: "thinking" } : { to: "text" };
}

/** Harmony: gpt-oss. Messages with a channel and perhaps a recipient; the thinking is a channel. */
export const harmony: Dialect = {
  id: "harmony",
  models: ["gpt-oss 20B", "gpt-oss 120B"],
  calls: [],
  thinking: { open: [], close: [] },
  headers: {
    open: ["<|start|>assistant", "<|channel|>"],
    end: ["<|message|>"],
    close: ["<|end|>", "<|call|>", "<|return|>"],
    atStart: true,
    route,
  },
  headerBody: { kind: "json" },
  answerHeaders: ["<|start|>assistant"],
  tokens: ["<|constrain|>"],
  needles: [
    ["<|channel|>", "<|message|>"],
    ["<|start|>", "<|message|>"],
  ],
  sample:
    '<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city": "Oslo"}<|call|>',
};

/** Beam: harmony's messages with parameters in tags. */
export const beam: Dialect = {
  ...harmony,
  id: "beam",
  models: ["Beam"],
  headerBody: {
    kind: "tagged",
    param: {
      open: ["<rfl:parameter name="],
      end: [">"],
      header: /^\s*["']?(?<key>[^"'<>]+?)["']?\s*$/,
      close: ["</rfl:parameter>"],
    },
    trim: "newline",
  },
  needles: [["<rfl:parameter"]],
  sample:
    '<|start|>assistant to=get_weather<|channel|>analysis <|constrain|>xml<|message|><rfl:parameter name="city">\nOslo\n</rfl:parameter><|call|>',
};

/** Muse Glimmer: recipients as in harmony, calls in ATEM tags. */
export const glimmer: Dialect = {
  id: "glimmer",
  models: ["Muse Glimmer", "Muse"],
  sections: [{ open: ["<atem:function_calls>"], close: ["</atem:function_calls>"] }],
  calls: [
    {
      open: ["<atem:invoke"],
      close: [],
      own: true,
      token: true,
      inSection: true,
      body: [
        {
          kind: "tagged",
          call: {
            open: ["<atem:invoke"],
            end: ['">'],
            endBefore: ["\n", "<atem:", "</atem:"],
            clean: /<\|message\|>/g,
            header: /^\s*name=["']?(?<name>[^"'<>]+?)["']?>?\s*$/,
            close: ["</atem:invoke>"],
          },
          param: {
            open: ["<atem:parameter"],
            end: [">"],
            header: /^\s*name=["']?(?<key>[^"'<>]+?)["']?\s*$/,
            close: ["</atem:parameter>"],
          },
          trim: "none",
          many: true,
        },
      ],
    },
  ],
  thinking: { open: [], close: [] },
  headers: {
    open: ["<|start|>assistant"],
    end: ["<|message|>"],
    close: ["<|eom|>", "<|eot|>"],
    atStart: true,
    route: (header) => {
      const name = RECIPIENT.exec(header)?.groups?.name;
      if (name === "self") return { to: "thinking" };
      return name === undefined || name === "user" ? { to: "text" } : { to: "calls" };
    },
  },
  answerHeaders: ["<|start|>assistant"],
  needles: [["<atem:function_calls>"], ["atem:"]],
  sample:
    ' to=get_weather<|message|><atem:function_calls>\n<atem:invoke name="get_weather">\n<atem:parameter name="city">Oslo</atem:parameter>\n</atem:invoke>\n</atem:function_calls><|eot|>',
};

/** Inkling: the kind of content is a token; a call's name stands before it and again inside. */
export const inkling: Dialect = {
  id: "inkling",
  models: ["Inkling"],
  calls: [],
  thinking: { open: [], close: [] },
  headers: {
    open: ["<|message_model|>"],
    end: [
      "<|content_text|>",
      "<|content_invoke_tool_text|>",
      "<|content_thinking|>",
      "<|content_invoke_tool_json|>",
    ],
    close: ["<|end_message|>"],
    atStart: true,
    route: (_header, end) => {
      if (end === "<|content_thinking|>") return { to: "thinking" };
      return end === "<|content_invoke_tool_json|>" ? { to: "call" } : { to: "text" };
    },
  },
  headerBody: { kind: "json", args: ["args", "arguments", "parameters"] },
  answerHeaders: ["<|message_model|>"],
  drop: ["<|content_model_end_sampling|>", "<|eos|>", "<|content_text|>"],
  needles: [["<|content_invoke_tool_json|>"]],
  sample:
    'get_weather<|content_invoke_tool_json|>{"name": "get_weather", "args": {"city": "Oslo"}}<|end_message|>',
};
