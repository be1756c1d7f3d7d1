import type { Dialect } from "./types.ts";

/** No markers at all: a bare or fenced JSON object that names a known tool. The last resort, and what small models write. */
export const plainJson: Dialect = {
  id: "json",
  models: ["plain JSON", "fenced JSON", "SmolLM2"],
  calls: [
    {
      open: ["```json", "```tool_call", "```"],
      close: ["```"],
      body: [{ kind: "json", argsNeeded: true }],
      unknown: "text",
    },
    { open: ["{", "["], close: [], bare: "line", body: [{ kind: "json", argsNeeded: true }] },
  ],
  needles: [],
  sample: '{"name": "get_weather", "arguments": {"city": "Oslo"}}',
};
