import { type Dialect, dialects } from "../dialects/index.ts";

/**
 * Texts that tell a format where its template shows none of its markers: the calls it would write are dropped, or only
 * described. Each group must be present as a whole.
 */
const DESCRIBED: readonly (readonly [format: string, needles: readonly string[]])[] = [
  ["hermes", ["xml_tools", "<|im_start|>"]], // SmolLM3
  ["lfm2", ["List of tools: [", "<|im_start|>"]], // LFM2.5
  ["xlam", ['[{"name": "tool_call_name", "arguments"']],
  ["llama-json", ["<|header_start|>", '"parameters": dictionary of argument name and its value}']],
  ["llama-json", ["<|start_header_id|>", '"parameters": dictionary of argument name and its value}']],
  ["pythonic", ["[func_name1(param"]],
];

/** Formats whose fingerprints stand in the template, the most telling first. */
export function fingerprinted(template: string): Dialect[] {
  const has = (needles: readonly string[]): boolean => needles.every((needle) => template.includes(needle));
  const found = dialects.filter((dialect) => dialect.needles.some(has));
  for (const [format, needles] of DESCRIBED) {
    const dialect = dialects.find((one) => one.id === format);
    if (dialect !== undefined && !found.includes(dialect) && has(needles)) found.push(dialect);
  }
  return found;
}
