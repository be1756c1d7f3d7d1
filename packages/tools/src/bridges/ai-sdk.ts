import { isObject, type Tool, type ToolContext, ToolDefinitionError, type ToolResult } from "hearth";
import type { BridgeOptions } from "./declare.ts";
import { callMethod, field, textField } from "./fields.ts";
import { type Foreign, toolsFrom } from "./foreign.ts";

/**
 * Tools of the AI SDK, keyed by name as it has them: `{description, inputSchema | parameters, execute(input, options)}`
 * (4 says `parameters`, 5 and later `inputSchema`). Schemas are zod, anything with Standard JSON Schema, or `jsonSchema(…)`.
 * Values that a tool yields before its last are shown as output.
 * @throws ToolDefinitionError for a tool without `execute`: those are run by a provider or by the page
 */
export async function aiSdkTools(
  tools: Readonly<Record<string, object>>,
  options: BridgeOptions = {},
): Promise<Tool[]> {
  return toolsFrom(
    await Promise.all(Object.entries(tools).map(([name, tool]) => taken(name, tool))),
    options,
  );
}

async function taken(name: string, tool: object): Promise<Foreign> {
  if (typeof field(tool, "execute") !== "function") {
    throw new ToolDefinitionError(`The tool ${name} has no execute.`, {
      remedy: "Leave it out: a tool that a provider or a page runs can't be run here.",
    });
  }
  return {
    name,
    description: textField(tool, "description") ?? "",
    parameters: await schemaOf(field(tool, "inputSchema") ?? field(tool, "parameters")),
    async run(args, context) {
      const { signal, callId } = context;
      const output = await lastOf(
        callMethod(tool, "execute", args, { toolCallId: callId, messages: [], abortSignal: signal }),
        context,
      );
      if (typeof field(tool, "toModelOutput") !== "function") return output;
      return modelOutput(
        await callMethod(tool, "toModelOutput", { toolCallId: callId, input: args, output }),
      );
    },
  };
}

/** `jsonSchema(…)` holds its schema, or a promise of it, in a field; a lazy schema is a function that gives one. */
async function schemaOf(given: unknown): Promise<unknown> {
  const isStandard = field(given, "~standard") !== undefined;
  if (typeof given === "function" && !isStandard) return schemaOf(await Reflect.apply(given, undefined, []));
  const held: unknown = await field(given, "jsonSchema");
  return isObject(held) && (!isStandard || field(given, "validate") !== undefined) ? held : given;
}

/** What was returned, or the last of what was yielded; those before it are shown. */
async function lastOf(given: unknown, { output, signal }: ToolContext): Promise<unknown> {
  if (!isAsyncIterable(given)) return given;
  let last: unknown;
  let any = false;
  for await (const value of given) {
    signal.throwIfAborted();
    if (any) output(`${typeof last === "string" ? last : JSON.stringify(last)}\n`);
    last = value;
    any = true;
  }
  return last;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof field(value, "then") !== "function" &&
    typeof value === "object" &&
    value !== null &&
    Symbol.asyncIterator in value
  );
}

/** `{type: "text" | "json" | "error-text" | "error-json" | "content", value}` as a result. */
function modelOutput(told: unknown): ToolResult | unknown {
  const type = textField(told, "type") ?? "";
  const value = field(told, "value");
  const ok = !type.startsWith("error");
  if (type === "content" && Array.isArray(value)) {
    return {
      ok,
      content: value
        .map((part) => textField(part, "text") ?? `[${textField(part, "type") ?? "?"}]`)
        .join("\n"),
    };
  }
  if (type === "") return told;
  return { ok, content: typeof value === "string" ? value : JSON.stringify(value) };
}
