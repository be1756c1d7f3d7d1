import type { Dialect } from "./types.ts";

/** `functools[…]`: Phi-4-mini and FireFunction v2. */
export const functools: Dialect = {
  id: "functools",
  models: ["Phi-4-mini", "FireFunction v2"],
  calls: [
    { open: ["functools["], close: [], own: true, body: [{ kind: "json", lead: ["functools"] }] },
    { open: ["<|tool_call|>"], close: ["<|/tool_call|>"], token: true, body: [{ kind: "json" }] },
    { open: ["["], close: [], bare: "answer", body: [{ kind: "json", argsNeeded: true }] },
  ],
  drop: ["<|end|>", "<|eot_id|>"],
  tokens: ["<|tool|>", "<|/tool|>", "<|tool_response|>", "<|user|>", "<|assistant|>", "<|system|>"],
  bareAnswer: true,
  needles: [["functools"], ["<|tool|>", "<|/tool|>"]],
  sample: 'functools[{"name": "get_weather", "arguments": {"city": "Oslo"}}]',
};

/** xLAM: a bare JSON list, now and then in somebody else's wrapper. */
export const xlam: Dialect = {
  id: "xlam",
  models: ["xLAM 2", "xLAM 1"],
  calls: [
    { open: ["["], close: [], bare: "inline", body: [{ kind: "json", argsNeeded: true }] },
    { open: ["{"], close: [], bare: "line", body: [{ kind: "json", argsNeeded: true }] },
    { open: ["[TOOL_CALLS]"], close: [], body: [{ kind: "json" }] },
    { open: ["<tool_call>"], close: ["</tool_call>"], body: [{ kind: "json" }] },
    { open: ["```json", "```"], close: ["```"], body: [{ kind: "json", argsNeeded: true }], unknown: "text" },
  ],
  drop: ["<|im_end|>", "<|eot_id|>"],
  needles: [['[{"name": "func1", "arguments"']],
  sample: '[{"name": "get_weather", "arguments": {"city": "Oslo"}}]',
};

/** Command R+: an action, fenced; `directly-answer` is the answer itself. */
export const commandRPlus: Dialect = {
  id: "command-r-plus",
  models: ["Command R", "Command R+"],
  calls: [
    {
      open: ["Action: ```json", "Action:\n```json", "Action:```json", "Action: ```", "Action:\n```"],
      close: ["```"],
      body: [{ kind: "json" }],
    },
  ],
  drop: ["<|END_OF_TURN_TOKEN|>", "<|CHATBOT_TOKEN|>"],
  tokens: ["<|START_OF_TURN_TOKEN|>", "<|SYSTEM_TOKEN|>", "<|USER_TOKEN|>"],
  needles: [["<|CHATBOT_TOKEN|>", "Action:"]],
  sample: 'Action: ```json\n[\n    {"tool_name": "get_weather", "parameters": {"city": "Oslo"}}\n]\n```',
};

/** Command R7B, Command A and the Cohere models after them. */
export const commandR7b: Dialect = {
  id: "command-r7b",
  models: ["Command R7B", "Command A", "Command 4", "Cohere 2 MoE"],
  calls: [
    {
      open: ["<|START_ACTION|>"],
      close: ["<|END_ACTION|>"],
      token: true,
      inThinking: true,
      body: [{ kind: "json" }],
    },
  ],
  thinking: {
    open: ["<|START_THINKING|>"],
    close: ["<|END_THINKING|>", "<|START_RESPONSE|>", "<|START_TEXT|>"],
    defaultOn: false,
    token: true,
    opened: true,
    anywhere: true,
  },
  drop: ["<|END_RESPONSE|>", "<|END_TEXT|>", "<|END_OF_TURN_TOKEN|>", "<|CHATBOT_TOKEN|>"],
  tokens: [
    "<|START_OF_TURN_TOKEN|>",
    "<|SYSTEM_TOKEN|>",
    "<|USER_TOKEN|>",
    "<|START_TOOL_RESULT|>",
    "<|END_TOOL_RESULT|>",
  ],
  bareAnswer: true,
  needles: [["<|START_ACTION|>"]],
  sample:
    '<|START_ACTION|>[\n    {"tool_call_id": "0", "tool_name": "get_weather", "parameters": {"city": "Oslo"}}\n]<|END_ACTION|>',
};
