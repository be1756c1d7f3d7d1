import { isObject, type Tool, ToolDefinitionError, type ToolResult } from "hearth";
import type { BridgeOptions } from "./declare.ts";
import { callMethod, field, textField } from "./fields.ts";
import { type Foreign, toolsFrom } from "./foreign.ts";

/**
 * LangChain's tools (@langchain/core 1.x): `{name, description, schema, invoke(input, config)}`. The schema is zod (4.2 or
 * later, any with Standard JSON Schema) or JSON Schema. The cancel signal goes into the config.
 * @throws ToolDefinitionError for what is none, and for a schema that gives no JSON Schema
 */
export async function langchainTools(tools: readonly object[], options: BridgeOptions = {}): Promise<Tool[]> {
  return toolsFrom(tools.map(taken), options);
}

function taken(tool: object): Foreign {
  const name = textField(tool, "name");
  if (name === undefined || typeof field(tool, "invoke") !== "function") {
    throw new ToolDefinitionError(
      `${name ?? "A tool"} is none of LangChain's: it has no ${name === undefined ? "name" : "invoke"}.`,
      {
        remedy: "Give what tool(…) of @langchain/core/tools returns.",
      },
    );
  }
  return {
    name,
    description: textField(tool, "description") ?? "",
    parameters: field(tool, "schema"),
    async run(args, { signal, callId }) {
      // A call, not bare arguments: then the answer is a message that says whether it failed, and holds the artifact.
      const call = { name, args, id: callId, type: "tool_call" };
      return resultOf(await callMethod(tool, "invoke", call, { signal }));
    },
  };
}

/** The content of a ToolMessage, or what a tool returned without one. */
function resultOf(value: unknown): unknown {
  const content = field(value, "content");
  const isMessage = typeof content === "string" || Array.isArray(content);
  if (!isMessage || (field(value, "tool_call_id") === undefined && field(value, "status") === undefined))
    return value;
  const artifact: unknown = jsonOf(field(value, "artifact"));
  const result: ToolResult = {
    content: typeof content === "string" ? content : content.map(blockText).join("\n"),
    ok: field(value, "status") !== "error",
  };
  if (isObject(artifact)) result.details = artifact;
  return result;
}

function blockText(block: unknown): string {
  if (typeof block === "string") return block;
  return textField(block, "text") ?? `[${textField(block, "type") ?? "a block that is no text"}]`;
}

/** A value that JSON can say, or undefined. */
function jsonOf(value: unknown): unknown {
  try {
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
  } catch {
    return undefined;
  }
}
