import type { Dialect } from "./types.ts";

/** Llama 3.1 to 3.3 and Llama 4's JSON template: the object stands bare, with `parameters`, several split by `;`. */
export const llamaJson: Dialect = {
  id: "llama-json",
  models: ["Llama 3.1", "Llama 3.2", "Llama 3.3"],
  calls: [
    {
      open: ["<|python_tag|>"],
      close: [],
      body: [
        { kind: "json", separators: [";"], argsNeeded: true },
        { kind: "python", list: "optional" },
      ],
    },
    { open: ["{"], close: [], bare: "inline", body: [{ kind: "json", separators: [";"], argsNeeded: true }] },
  ],
  drop: ["<|eot_id|>", "<|eom_id|>", "<|end_of_text|>"],
  tokens: ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>"],
  needles: [["<|start_header_id|>", '"parameters"'], ["<|python_tag|>"]],
  sample: '{"name": "get_weather", "parameters": {"city": "Oslo"}}',
};
