import type { TaggedBody } from "./bodies.ts";
import type { Dialect } from "./types.ts";

/** `<function=name>` with `<parameter=key>` inside. */
export const functionTags: TaggedBody = {
  kind: "tagged",
  call: {
    open: ["<function=", "<function name=", "<function_invocation="],
    end: [">"],
    endBefore: ["\n", "<"],
    header: /^\s*["']?(?<name>[^"'<>\n]+?)["']?\s*$/,
    close: ["</function>", "</function_invocation>"],
  },
  param: {
    open: ["<parameter=", "<parameter name="],
    end: [">"],
    endBefore: ["\n"],
    header: /^\s*["']?(?<key>[^"'<>]+?)["']?\s*$/,
    close: ["</parameter>"],
  },
  trim: "newline",
  many: true,
  jsonBody: true,
};

/** Parameters in tags, values raw: Qwen3-Coder and what followed it. */
export const qwen3Coder: Dialect = {
  id: "qwen3-coder",
  models: [
    "Qwen3-Coder",
    "Qwen3-Coder-Next",
    "Qwen3.5",
    "Qwen3.6",
    "Qwen3.8",
    "Nemotron 3 Nano",
    "Nemotron 3 Super",
    "Step-3.5",
    "MiMo V2",
    "Ornith",
  ],
  calls: [
    {
      open: ["<tool_call>"],
      close: ["</tool_call>"],
      body: [functionTags, { kind: "json" }],
      inThinking: true,
    },
    {
      open: ["<function="],
      close: ["</tool_call>"],
      closeOptional: true,
      stray: true,
      own: true,
      body: [functionTags],
      inThinking: true,
    },
  ],
  thinking: {
    open: ["<think>"],
    close: ["</think>"],
    opened: true,
    defaultOn: false,
    closeIsTextWhenOff: true,
  },
  drop: ["<|im_end|>", "<|endoftext|>"],
  tokens: ["<|im_start|>", "<tool_response>", "</tool_response>", "<tools>", "</tools>"],
  needles: [["<function=", "<parameter="]],
  sample:
    "<tool_call>\n<function=get_weather>\n<parameter=city>\nOslo\n</parameter>\n</function>\n</tool_call>",
};

/** MiniCPM-V 4.5 and later: the same, with reserved tokens where the think tags would be. */
export const minicpmV: Dialect = {
  ...qwen3Coder,
  id: "minicpm-v",
  models: ["MiniCPM-V 4.5", "MiniCPM-V 4.6"],
  thinking: {
    open: ["<think>"],
    close: ["</think>"],
    opened: true,
    defaultOn: false,
    anywhere: true,
    token: true,
  },
  drop: [
    ...(qwen3Coder.drop ?? []),
    "<reserved_12>",
    "<reserved_13>",
    "<|reserved_12|>",
    "<|reserved_13|>",
    "<|reserved_14|>",
    "<|reserved_15|>",
  ],
  needles: [["<function=", "<reserved_12>"]],
};
