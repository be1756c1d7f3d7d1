import type { Dialect, ThinkingSyntax } from "./types.ts";

const think: ThinkingSyntax = { open: ["<think>"], close: ["</think>"], opened: true, defaultOn: false };

/** IBM Granite 3.0 to 3.3: a JSON list behind a token or its text spelling, thinking announced in words. */
export const granite: Dialect = {
  id: "granite",
  models: ["Granite 3.0", "Granite 3.1", "Granite 3.2", "Granite 3.3"],
  calls: [
    {
      open: ["<|tool_call|>", "<tool_call>"],
      close: ["</tool_call>"],
      closeOptional: true,
      body: [{ kind: "json" }],
    },
  ],
  thinking: {
    open: ["<think>", "Here is my thought process:", "Here's my thought process:"],
    close: ["</think>", "Here is my response:", "Here's my response:"],
  },
  drop: ["<|end_of_text|>", "<response>", "</response>"],
  tokens: ["<|start_of_role|>", "<|end_of_role|>"],
  needles: [["<|start_of_role|>", "<|tool_call|>"]],
  sample: '<|tool_call|>[{"name": "get_weather", "arguments": {"city": "Oslo"}}]',
};

/** Granite 20B function calling: `<function_call>` before each object. */
export const granite20b: Dialect = {
  id: "granite-20b-fc",
  models: ["Granite 20B FC"],
  calls: [{ open: ["<function_call>"], close: [], body: [{ kind: "json", single: true }] }],
  drop: ["<|endoftext|>"],
  needles: [["<function_call>"]],
  sample: '<function_call> {"name": "get_weather", "arguments": {"city": "Oslo"}}',
};

/** InternLM 2 and Intern-S1: a plugin action that holds one object. */
export const internlm2: Dialect = {
  id: "internlm2",
  models: ["InternLM2", "InternLM2.5", "InternLM3", "Intern-S1"],
  calls: [
    {
      open: ["<|action_start|><|plugin|>", "<|action_start|> <|plugin|>"],
      close: ["<|action_end|>"],
      token: true,
      body: [{ kind: "json" }],
    },
  ],
  thinking: think,
  drop: ["<|im_end|>"],
  tokens: ["<|im_start|>", "<|interpreter|>"],
  needles: [["<|action_start|>"], ["<|plugin|>"]],
  sample: '<|action_start|><|plugin|>\n{"name": "get_weather", "parameters": {"city": "Oslo"}}<|action_end|>',
};

/** A JSON list in `<tool_calls>`: Jamba, Hunyuan A13B, MiniMax-M1 (one object a line). */
export const toolCallsJson: Dialect = {
  id: "tool-calls-json",
  models: ["Jamba", "Hunyuan A13B", "MiniMax-M1"],
  calls: [
    {
      open: ["<tool_calls>"],
      close: ["</tool_calls>"],
      inThinking: true,
      body: [{ kind: "json", separators: ["\n", ","] }],
    },
  ],
  thinking: think,
  drop: ["<answer>", "</answer>", "<|eom|>"],
  tokens: ["<|bom|>", "<|startoftext|>", "<|extra_0|>"],
  needles: [["<tool_calls>"]],
  sample: '<tool_calls>[{"name": "get_weather", "arguments": {"city": "Oslo"}}]</tool_calls>',
};

/** Apriel 1.5: the same list; thinking announced in words and ended by a line of its own. */
export const apriel: Dialect = {
  id: "apriel",
  models: ["Apriel 1.5"],
  calls: toolCallsJson.calls,
  thinking: {
    open: ["Here are my reasoning steps:"],
    close: ["[BEGIN FINAL RESPONSE]"],
    opened: true,
    defaultOn: false,
  },
  drop: ["[END FINAL RESPONSE]", "<|end|>"],
  tokens: ["<|assistant|>", "<|user|>", "<|system|>"],
  needles: [["<tool_calls>", "[BEGIN FINAL RESPONSE]"]],
  sample: toolCallsJson.sample,
};

/** Apriel 1.6: thinks first, always; only the end of it is marked. */
export const apriel16: Dialect = {
  ...apriel,
  id: "apriel-1.6",
  models: ["Apriel 1.6"],
  thinking: { open: [], close: ["[BEGIN FINAL RESPONSE]"], opened: true, defaultOn: false },
  tokens: ["<|begin_assistant|>", "<|begin_user|>", "<|begin_system|>"],
  needles: [["<|begin_assistant|>", "[BEGIN FINAL RESPONSE]"]],
};

/** Nemotron Nano v2: a JSON list in `<TOOLCALL>`. */
export const nemotronV2: Dialect = {
  id: "nemotron-v2",
  models: ["Nemotron Nano v2"],
  calls: [{ open: ["<TOOLCALL>"], close: ["</TOOLCALL>"], inThinking: true, body: [{ kind: "json" }] }],
  thinking: think,
  drop: ["<SPECIAL_12>"],
  tokens: [
    "<SPECIAL_10>",
    "<SPECIAL_11>",
    "<TOOL_RESPONSE>",
    "</TOOL_RESPONSE>",
    "<AVAILABLE_TOOLS>",
    "</AVAILABLE_TOOLS>",
  ],
  needles: [["<TOOLCALL>"]],
  sample: '<TOOLCALL>[{"name": "get_weather", "arguments": {"city": "Oslo"}}]</TOOLCALL>',
};

/** LongCat Flash: Hermes with a tag of its own. */
export const longcat: Dialect = {
  id: "longcat",
  models: ["LongCat Flash"],
  calls: [
    {
      open: ["<longcat_tool_call>"],
      close: ["</longcat_tool_call>"],
      inThinking: true,
      body: [{ kind: "json" }],
    },
  ],
  thinking: { open: ["<longcat_think>"], close: ["</longcat_think>"], opened: true, defaultOn: false },
  drop: ["</longcat_s>"],
  tokens: ["<longcat_tool_response>", "</longcat_tool_response>"],
  needles: [["<longcat_tool_call>"]],
  sample: '<longcat_tool_call>\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n</longcat_tool_call>',
};

/** Ernie 4.5: Hermes, with the answer in `<response>`. */
export const ernie: Dialect = {
  id: "ernie",
  models: ["Ernie 4.5"],
  calls: [{ open: ["<tool_call>"], close: ["</tool_call>"], body: [{ kind: "json" }] }],
  thinking: think,
  drop: ["<response>", "</response>", "<|end_of_sentence|>"],
  needles: [["<tool_call>", "<response>"]],
  sample: '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n</tool_call>',
};

/** GigaChat 3 and 3.1: a message of its own for one call. */
export const gigachat: Dialect = {
  id: "gigachat",
  models: ["GigaChat 3", "GigaChat 3.1", "GigaChat 3.5"],
  calls: [
    {
      open: [
        "<|message_sep|>\n\nfunction call<|role_sep|>\n",
        "function call<|role_sep|>\n",
        "<|function_call|>",
      ],
      close: [],
      token: true,
      body: [{ kind: "json" }],
    },
  ],
  drop: ["<|message_sep|>", "</s>"],
  tokens: ["<|role_sep|>"],
  needles: [["function call<|role_sep|>"], ["<|function_call|>"], ["<|role_sep|>"]],
  sample: '<|function_call|>{"name": "get_weather", "arguments": {"city": "Oslo"}}',
};

/** Apertus: the only key of each object is the tool's name. */
export const apertus: Dialect = {
  id: "apertus",
  models: ["Apertus"],
  calls: [
    {
      open: ["<|tools_prefix|>"],
      close: ["<|tools_suffix|>"],
      token: true,
      body: [{ kind: "json", keyed: true }],
    },
  ],
  thinking: { open: ["<|inner_prefix|>"], close: ["<|inner_suffix|>"], anywhere: true },
  drop: ["<|assistant_end|>"],
  tokens: [
    "<|assistant_start|>",
    "<|user_start|>",
    "<|user_end|>",
    "<|system_start|>",
    "<|system_end|>",
    "<|developer_start|>",
    "<|developer_end|>",
  ],
  needles: [["<|tools_prefix|>"]],
  sample: '<|tools_prefix|>[{"get_weather": {"city": "Oslo"}}]<|tools_suffix|>',
};
