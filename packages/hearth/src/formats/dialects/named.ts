import type { NamedBody } from "./bodies.ts";
import type { Dialect, ThinkingSyntax } from "./types.ts";

const think: ThinkingSyntax = { open: ["<think>"], close: ["</think>"], opened: true, defaultOn: false };

const deepseekBody: NamedBody = {
  kind: "named",
  header:
    /^\s*(?:function\s*<｜tool▁sep｜>\s*(?<name>[^<\n{`]+?)\s*(?:```(?:json)?)?|(?<name>[^<\n{`]+?)\s*<｜tool▁sep｜>\s*(?:```(?:json)?)?)\s*$/,
  tail: ["```"],
  bareName: true,
};

/** DeepSeek R1, V3 and V3.1: name and arguments split by a token; the older ones fence the arguments. */
export const deepseekV3: Dialect = {
  id: "deepseek-v3",
  models: ["DeepSeek R1", "DeepSeek V3", "DeepSeek V3.1", "Cogito", "R1 distills"],
  sections: [
    {
      open: [
        "<｜tool▁calls▁begin｜>",
        "<｜tool_calls_begin｜>",
        "<｜tool calls begin｜>",
        "<｜tool▁calls｜>",
      ],
      close: ["<｜tool▁calls▁end｜>", "<｜tool_calls_end｜>", "<｜tool calls end｜>"],
      token: true,
      inThinking: true,
    },
  ],
  calls: [
    {
      open: ["<｜tool▁call▁begin｜>", "<｜tool_call_begin｜>", "<｜tool call begin｜>"],
      close: ["<｜tool▁call▁end｜>", "<｜tool_call_end｜>", "<｜tool call end｜>"],
      token: true,
      inThinking: true,
      body: [deepseekBody],
    },
  ],
  thinking: { ...think, verbatimWhenOff: true },
  drop: [
    "<｜end▁of▁sentence｜>",
    "<｜tool▁outputs▁begin｜>",
    "<｜tool▁outputs▁end｜>",
    "<｜tool▁output▁begin｜>",
    "<｜tool▁output▁end｜>",
  ],
  tokens: ["<｜begin▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>", "<｜tool▁sep｜>"],
  needles: [["<｜tool▁calls▁begin｜>"], ["<｜tool▁call▁begin｜>"], ["<｜Assistant｜>"]],
  sample:
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "Oslo"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
};

/** Kimi K2 and K2.5: the id carries the name and a counter. */
export const kimiK2: Dialect = {
  id: "kimi-k2",
  models: ["Kimi K2", "Kimi K2 Thinking", "Kimi K2.5"],
  sections: [
    {
      open: ["<|tool_calls_section_begin|>", "<|tool_call_section_begin|>"],
      close: ["<|tool_calls_section_end|>", "<|tool_call_section_end|>"],
      token: true,
      inThinking: true,
    },
  ],
  calls: [
    {
      open: ["<|tool_call_begin|>"],
      close: ["<|tool_call_end|>"],
      token: true,
      inThinking: true,
      body: [
        {
          kind: "named",
          header:
            /^\s*(?!\S*\.\d+\s)(?<id>(?:functions[.:])?(?<name>[^:\s<>]*?[^:\s<>\d][^:\s<>]*?)(?::\d+)?)\s*<\|tool_call_argument_begin\|>\s*$/,
        },
      ],
    },
  ],
  thinking: { open: ["<think>", "◁think▷"], close: ["</think>", "◁/think▷"] },
  drop: ["<|im_end|>", "[EOS]"],
  tokens: [
    "<|im_user|>",
    "<|im_assistant|>",
    "<|im_system|>",
    "<|im_middle|>",
    "<|tool_call_argument_begin|>",
  ],
  needles: [["<|tool_calls_section_begin|>"], ["<|tool_call_begin|>", "<|tool_call_argument_begin|>"]],
  sample:
    '<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city": "Oslo"}<|tool_call_end|><|tool_calls_section_end|>',
};

/** Functionary 3.1: the name in a tag, the arguments as JSON. */
export const functionary31: Dialect = {
  id: "functionary-v3.1",
  models: ["Functionary 3.1", "Llama 3.1 with custom tools"],
  calls: [
    {
      open: ["<function="],
      close: ["</function>"],
      body: [{ kind: "named", header: /^["']?(?<name>[^"'<>\s]+)["']?>\s*$/ }],
    },
    { open: ["<|python_tag|>"], close: [], token: true, body: [{ kind: "json", argsNeeded: true }] },
  ],
  drop: ["<|eot_id|>", "<|eom_id|>", "<|end_of_text|>"],
  tokens: ["<|start_header_id|>", "<|end_header_id|>", "<|begin_of_text|>"],
  needles: [["<function=", "</function>"]],
  sample: '<function=get_weather>{"city": "Oslo"}</function>',
};

/** Functionary 3.2: `>>>` and a recipient a line; `all` is the user. */
export const functionary32: Dialect = {
  id: "functionary-v3.2",
  models: ["Functionary 3.2", "Functionary 2.4"],
  calls: [],
  headers: {
    open: [">>>"],
    end: ["\n"],
    close: ["<|eot_id|>", ">>>"],
    atStart: true,
    prose: true,
    route: (header) => {
      const name = header.replace(/^>>>/, "").trim();
      return name === "all" || name === "" ? { to: "text" } : { to: "call", name };
    },
  },
  answerHeaders: ["<|start_header_id|>assistant<|end_header_id|>\n\n>>>"],
  drop: ["<|end_of_text|>"],
  tokens: ["<|start_header_id|>", "<|end_header_id|>", "<|begin_of_text|>"],
  needles: [[">>>", "all"]],
  sample: '>>>get_weather\n{"city": "Oslo"}',
};

/** Solar Open: id first, then name and arguments behind tokens. */
export const solarOpen: Dialect = {
  id: "solar-open",
  models: ["Solar Open"],
  sections: [{ open: ["<|tool_calls|>"], close: ["<|calls|>"], token: true, inThinking: true }],
  calls: [
    {
      open: ["<|tool_call:begin|>"],
      close: ["<|tool_call:end|>"],
      token: true,
      inThinking: true,
      body: [
        {
          kind: "named",
          header: /^\s*(?<id>[^<]*)<\|tool_call:name\|>(?<name>[^<]+)<\|tool_call:args\|>\s*$/,
        },
      ],
    },
  ],
  thinking: { open: ["<|think|>"], close: ["<|content|>"], anywhere: true },
  drop: ["<|content|>", "<|end|>", "<|flush|>", "<|begin|>assistant"],
  tokens: [
    "<|begin|>",
    "<|tool_call:name|>",
    "<|tool_call:args|>",
    "<|tool_response:begin|>",
    "<|tool_response:end|>",
  ],
  answerHeaders: ["<|begin|>assistant"],
  needles: [["<|tool_call:begin|>"]],
  sample:
    '<|tool_calls|><|tool_call:begin|>c0<|tool_call:name|>get_weather<|tool_call:args|>{"city": "Oslo"}<|tool_call:end|><|calls|>',
};

const p = (name: string): string => `<|plamo:${name}:plamo|>`;

const plamoCall: NamedBody = {
  kind: "named",
  maxHeader: 600,
  header:
    /^\s*<\|plamo:begin_tool_name:plamo\|>(?<name>[^<]+)<\|plamo:end_tool_name:plamo\|>\s*<\|plamo:begin_tool_arguments:plamo\|>(?:<\|plamo:constrain\|>\w+<\|plamo:msg\|>)?\s*$/,
  tail: [p("end_tool_arguments")],
};

/** PLaMo 3: a pair of tokens around every part. */
export const plamo3: Dialect = {
  id: "plamo-3",
  models: ["PLaMo 3"],
  sections: [
    { open: [p("begin_tool_requests")], close: [p("end_tool_requests")], token: true, inThinking: true },
  ],
  calls: [
    {
      open: [p("begin_tool_request")],
      close: [p("end_tool_request")],
      token: true,
      inThinking: true,
      body: [plamoCall],
    },
    {
      open: [p("begin_tool_name")],
      close: [p("end_tool_request")],
      token: true,
      own: true,
      inSection: true,
      body: [plamoCall],
    },
  ],
  thinking: {
    token: true,
    open: [p("begin_think")],
    close: [p("end_think")],
    opened: true,
    defaultOn: false,
    anywhere: true,
  },
  drop: ["<|plamo:tag|>", "<|plamo:eos|>"],
  tokens: ["<|plamo:msg|>", "<|plamo:constrain|>"],
  needles: [["<|plamo:begin_tool_request:plamo|>"], ["<|plamo:"]],
  sample: `${p("begin_tool_requests")}${p("begin_tool_request")}${p("begin_tool_name")}get_weather${p("end_tool_name")}${p("begin_tool_arguments")}<|plamo:constrain|>json<|plamo:msg|>{"city": "Oslo"}${p("end_tool_arguments")}${p("end_tool_request")}${p("end_tool_requests")}`,
};
