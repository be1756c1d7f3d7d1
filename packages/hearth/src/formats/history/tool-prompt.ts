import type { ToolSchema } from "../../protocol/index.ts";
import type { Dialect } from "../dialects/index.ts";
import { pythonJson } from "../templates/index.ts";

const described = (tools: readonly ToolSchema[]): string =>
  tools
    .map(({ name, description, parameters }) =>
      pythonJson({ type: "function", function: { name, description, parameters } }),
    )
    .join("\n");

/**
 * The tools as Hermes and Qwen models were trained to read them: Nous Research's prompt, byte for byte as Qwen-Agent and the
 * templates of Qwen2.5 and Qwen3 write it. Goes to the end of the system prompt, after an empty line.
 */
export function renderNous(tools: readonly ToolSchema[]): string {
  return `# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>
${described(tools)}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>`;
}

/** Tools for a template that does not show them: the Nous prompt, or for another format the same list and its way to call. */
export function toolPrompt(dialect: Dialect, tools: readonly ToolSchema[]): string {
  if (dialect.id === "hermes" || dialect.sample === "") return renderNous(tools);
  return `# Tools

You may call one or more of these functions:
<tools>
${described(tools)}
</tools>

To call a function, write exactly in this form, here with an example function get_weather:
${dialect.sample.trim()}`;
}
