import type { NamedBody } from "./bodies.ts";
import type { Dialect, ThinkingSyntax } from "./types.ts";

const named: NamedBody = {
  kind: "named",
  header: /^\s*(?<name>[^[\]{}\s]+?)\s*(?:\[CALL_ID\](?<id>[^[]+))?(?:\[ARGS\])?\s*$/,
};

const thinking: ThinkingSyntax = { open: ["[THINK]"], close: ["[/THINK]"], anywhere: true, token: true };

const common = {
  thinking,
  drop: ["</s>"],
  tokens: [
    "[INST]",
    "[/INST]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
    "[TOOL_CONTENT]",
    "[SYSTEM_PROMPT]",
    "[/SYSTEM_PROMPT]",
    "<s>",
  ],
  bareAnswer: true,
} as const;

/** Mistral 7B v0.3, Nemo and their kin: a JSON list behind one marker. */
export const mistralV3: Dialect = {
  ...common,
  id: "mistral-v3",
  models: ["Mistral 7B v0.3", "Mistral Nemo", "Mixtral 8x22B", "Mistral Large 2407"],
  calls: [{ open: ["[TOOL_CALLS]"], close: [], token: true, body: [{ kind: "json" }, named] }],
  needles: [
    ["[TOOL_CALLS] [", "[TOOL_RESULTS]"],
    ["[TOOL_CALLS][", "[TOOL_RESULTS]"],
  ],
  sample: '[TOOL_CALLS][{"name": "get_weather", "arguments": {"city": "Oslo"}, "id": "Ab3dE6gH9"}]',
};

/** From tokenizer v11 on: the marker for each call, the name, perhaps an id, then the arguments. */
export const mistralV11: Dialect = {
  ...common,
  id: "mistral-v11",
  models: ["Mistral Small 3.2", "Devstral", "Ministral 3", "Magistral", "Mistral Medium 3"],
  calls: [{ open: ["[TOOL_CALLS]"], close: [], token: true, body: [{ kind: "json" }, named] }],
  needles: [["[TOOL_CALLS]", "[ARGS]"]],
  sample: '[TOOL_CALLS]get_weather[ARGS]{"city": "Oslo"}',
};
