import type { Dialect, ThinkingSyntax } from "./types.ts";

const think: ThinkingSyntax = { open: ["<think>"], close: ["</think>"], opened: false };

/** Python calls in a bare list: Llama 4, Llama 3.2's pythonic template, ToolACE, the recipe for Gemma 3. */
export const pythonic: Dialect = {
  id: "pythonic",
  models: ["Llama 4", "Llama 3.2 pythonic", "ToolACE"],
  calls: [
    {
      open: ["<|python_start|>"],
      close: ["<|python_end|>"],
      token: true,
      body: [{ kind: "python", list: "always" }],
    },
    { open: ["["], close: [], bare: "line", body: [{ kind: "python", list: "always" }] },
  ],
  drop: ["<|eot|>", "<|eom|>", "<|eot_id|>", "<|eom_id|>", "<|python_end|>"],
  tokens: ["<|header_start|>", "<|header_end|>", "<|begin_of_text|>"],
  needles: [["[func_name1(params_name1=params_value1"], ["<|python_start|>"]],
  sample: '[get_weather(city="Oslo")]',
};

/** LFM2 and LFM2.5 (Liquid): Python calls, or JSON, between tokens; small ones leave the tokens out. */
export const lfm2: Dialect = {
  id: "lfm2",
  models: ["LFM2", "LFM2.5"],
  calls: [
    {
      open: ["<|tool_call_start|>"],
      close: ["<|tool_call_end|>"],
      token: true,
      inThinking: true,
      body: [{ kind: "python", list: "optional" }, { kind: "json" }],
    },
    { open: ["["], close: [], bare: "line", body: [{ kind: "python", list: "always" }] },
  ],
  thinking: think,
  drop: ["<|im_end|>"],
  tokens: [
    "<|im_start|>",
    "<|tool_list_start|>",
    "<|tool_list_end|>",
    "<|tool_response_start|>",
    "<|tool_response_end|>",
  ],
  needles: [["<|tool_call_start|>"], ["<|tool_list_start|>"]],
  sample: '<|tool_call_start|>[get_weather(city="Oslo")]<|tool_call_end|>',
};

/** Olmo 3: Python calls, one a line. */
export const olmo3: Dialect = {
  id: "olmo3",
  models: ["Olmo 3", "Olmo 3 Think"],
  calls: [
    {
      open: ["<function_calls>"],
      close: ["</function_calls>"],
      inThinking: true,
      body: [{ kind: "python", list: "optional" }],
    },
  ],
  thinking: { ...think, opened: true, defaultOn: false },
  drop: ["<|im_end|>", "<|endoftext|>"],
  tokens: ["<|im_start|>", "<functions>", "</functions>"],
  needles: [["<function_calls>"], ["<functions>"]],
  sample: '<function_calls>get_weather(city="Oslo")</function_calls>',
};

/** Gemma 3 as prompted: Python in a fence. */
export const gemma3: Dialect = {
  id: "gemma3",
  models: ["Gemma 3", "Gemma 2"],
  calls: [
    { open: ["```tool_code"], close: ["```"], unknown: "text", body: [{ kind: "python", list: "optional" }] },
    { open: ["```json"], close: ["```"], unknown: "text", body: [{ kind: "json", argsNeeded: true }] },
    { open: ["["], close: [], bare: "line", body: [{ kind: "python", list: "always" }] },
  ],
  drop: ["<end_of_turn>", "<eos>"],
  tokens: ["<start_of_turn>", "<bos>"],
  needles: [["<start_of_turn>"]],
  sample: '```tool_code\nget_weather(city="Oslo")\n```',
};

/** FunctionGemma: bare keys, strings between `<escape>` tokens. */
export const functionGemma: Dialect = {
  id: "functiongemma",
  models: ["FunctionGemma"],
  calls: [
    {
      open: ["<start_function_call>"],
      close: ["<end_function_call>"],
      token: true,
      body: [{ kind: "gemma", lead: "call:", quote: "<escape>" }],
    },
  ],
  drop: ["<end_of_turn>", "<start_function_response>", "<eos>"],
  tokens: [
    "<start_of_turn>",
    "<escape>",
    "<end_function_response>",
    "<start_function_declaration>",
    "<end_function_declaration>",
  ],
  needles: [["<start_function_call>"]],
  sample: "<start_function_call>call:get_weather{city:<escape>Oslo<escape>}<end_function_call>",
};

/** Gemma 4: bare keys, quotes of its own, results inside the model's turn. */
export const gemma4: Dialect = {
  id: "gemma4",
  models: ["Gemma 4"],
  calls: [
    {
      open: ["<|tool_call>"],
      close: ["<tool_call|>"],
      token: true,
      inThinking: true,
      body: [{ kind: "gemma", lead: "call:", quote: '<|"|>' }],
    },
  ],
  thinking: {
    open: ["<|channel>thought\n", "<|channel>thought", "<|channel>"],
    close: ["<channel|>"],
    token: true,
    openAtStart: ["thought\n"],
    anywhere: true,
    afterToolResult: true,
  },
  drop: ["<turn|>", "<|tool_response>", "<tool_response|>", "<eos>"],
  tokens: ["<|turn>", '<|"|>', "<|tool>", "<tool|>", "<|think|>"],
  needles: [["<|tool_call>"], ["<|turn>"]],
  sample: '<|tool_call>call:get_weather{city:<|"|>Oslo<|"|>}<tool_call|>',
};
