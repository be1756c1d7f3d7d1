import { functionTags } from "./qwen-coder.ts";
import type { CallSyntax, Dialect } from "./types.ts";

/** An object that stands without its opening marker: a call where it names a known tool and holds arguments. */
export function bareJson(close: readonly string[] = []): CallSyntax {
  return {
    open: ["{"],
    close,
    closeOptional: true,
    bare: "line",
    known: true,
    stray: true,
    body: [{ kind: "json", argsNeeded: true }],
  };
}

/** ChatML with JSON in `<tool_call>`: Nous Research's Hermes, taken up by Qwen and many others. */
export const hermes: Dialect = {
  id: "hermes",
  models: [
    "Qwen2.5",
    "Qwen3",
    "QwQ",
    "Qwen3-VL",
    "Hermes 2",
    "Hermes 3",
    "MiMo-VL",
    "Bielik",
    "Reka Edge",
    "Jan",
    "Trinity",
    "MiroThinker",
    "SmolLM3",
    "EXAONE 4",
    "Granite 4.0",
    "Granite 4.1",
  ],
  calls: [
    {
      open: ["<tool_call>", "<|tool_call|>"],
      close: ["</tool_call>", "<|/tool_call|>"],
      body: [{ kind: "json" }, functionTags],
      inThinking: true,
    },
    bareJson(["</tool_call>"]),
  ],
  thinking: { open: ["<think>"], close: ["</think>"], opened: true, defaultOn: false },
  drop: ["<|im_end|>", "<|endoftext|>"],
  tokens: ["<|im_start|>", "<tool_response>", "</tool_response>", "<tools>", "</tools>"],
  needles: [
    ["<tool_call>", '"arguments"'],
    ["<tool_call>", "<tool_response>"],
  ],
  sample: '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Oslo"}}\n</tool_call>',
};
