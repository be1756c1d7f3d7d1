import { isObject, type JsonObject, type Tool, ToolDefinitionError } from "hearth";
import type { BridgeOptions } from "./declare.ts";
import { callMethod, field, textField } from "./fields.ts";
import { type Foreign, toolsFrom } from "./foreign.ts";

/** What AutoGen's tools ask to know whether they shall end (`autogen_core.CancellationToken`, in both spellings). */
export interface CancellationToken {
  readonly signal: AbortSignal;
  isCancelled(): boolean;
  is_cancelled(): boolean;
  addCallback(callback: () => void): void;
  add_callback(callback: () => void): void;
}

/**
 * Tools in AutoGen's manner (0.7): `{name, description, schema, run_json(args, token)}`. AutoGen takes arguments that its
 * schema forbids and drops them without a word; here the schema is closed where it says nothing, so that the model is told.
 */
export async function autogenTools(tools: readonly object[], options: BridgeOptions = {}): Promise<Tool[]> {
  return toolsFrom(tools.map(taken), options);
}

function taken(tool: object): Foreign {
  const method = ["run_json", "runJson"].find((key) => typeof field(tool, key) === "function");
  const schema = field(tool, "schema");
  const name = textField(tool, "name") ?? textField(schema, "name");
  if (method === undefined || name === undefined) {
    throw new ToolDefinitionError(
      `${name ?? "A tool"} is none of AutoGen's: it has no ${name === undefined ? "name" : "run_json"}.`,
      {
        remedy: "Give objects with name, description, schema and run_json(args, token).",
      },
    );
  }
  const given = field(schema, "parameters");
  const parameters: JsonObject = isObject(given) ? given : { type: "object", properties: {} };
  return {
    name,
    description: textField(tool, "description") ?? textField(schema, "description") ?? "",
    parameters: { additionalProperties: false, ...parameters },
    async run(args, { signal }) {
      const value: unknown = await callMethod(tool, method, args, tokenOf(signal));
      const asText = ["return_value_as_string", "returnValueAsString"].find(
        (key) => typeof field(tool, key) === "function",
      );
      return asText === undefined || typeof value === "string" ? value : callMethod(tool, asText, value);
    },
  };
}

function tokenOf(signal: AbortSignal): CancellationToken {
  const isCancelled = (): boolean => signal.aborted;
  const addCallback = (callback: () => void): void => {
    if (signal.aborted) callback();
    else signal.addEventListener("abort", () => callback(), { once: true });
  };
  return { signal, isCancelled, is_cancelled: isCancelled, addCallback, add_callback: addCallback };
}
