import type { CallFault, JsonObject, Tool } from "../protocol/index.ts";
import { checkArguments, exampleOf, nearestNames, sameName } from "../schema/index.ts";
import type { RawCall } from "../turn/index.ts";

/** A call that may be run, with what was mended on the way to it. */
export interface ReadyCall {
  tool: Tool;
  arguments: JsonObject;
  repairs: string[];
}

export type CheckedCall = { ready: ReadyCall } | { fault: CallFault; name: string };

/**
 * Is this a known tool, are its arguments right, or can both be mended surely? If not, the fault teaches the model:
 * one reason, one remedy, one example.
 */
export function checkCall(call: RawCall, tools: ReadonlyMap<string, Tool>): CheckedCall {
  const repairs = [...call.repairs];
  let tool = tools.get(call.name);
  if (tool === undefined) {
    const variant = sameName(call.name, [...tools.keys()]);
    const candidate = variant === undefined ? undefined : tools.get(variant);
    // A name is only guessed for a tool that does nothing but look.
    if (candidate === undefined || candidate.effect !== "none") return unknownTool(call, tools);
    tool = candidate;
    repairs.push(`name ${call.name} read as ${tool.name}`);
  }
  if (call.truncated === true) {
    return fault(
      tool.name,
      "truncated",
      call,
      `The call of ${tool.name} was cut off before its end and was not run. Make it again, shorter.`,
    );
  }
  if (call.arguments === undefined) {
    return fault(
      tool.name,
      "malformed",
      call,
      `The arguments of ${tool.name} are not valid JSON. Write one JSON object, for example ${exampleText(tool)}.`,
    );
  }
  const checked = checkArguments(tool.parameters, call.arguments);
  if (!checked.ok) {
    return fault(tool.name, "invalid_arguments", call, `${tool.name} was not run. ${checked.message}`);
  }
  return { ready: { tool, arguments: checked.value, repairs: [...repairs, ...checked.repairs] } };
}

function fault(name: string, reason: CallFault["reason"], call: RawCall, message: string): CheckedCall {
  const out: CallFault = { reason, message };
  if (call.arguments === undefined && call.text !== "") out.text = call.text;
  return { name, fault: out };
}

/** Names the nearest tools with what they take, so that the next call can be right. */
function unknownTool(call: RawCall, tools: ReadonlyMap<string, Tool>): CheckedCall {
  const names = [...tools.keys()];
  if (names.length === 0) {
    return fault(
      call.name,
      "unknown_tool",
      call,
      `There is no tool "${call.name}"; there are no tools now. Answer in text.`,
    );
  }
  const near = nearestNames(call.name, names, 3);
  const shown = near.length > 0 ? near : names.slice(0, 3);
  const signatures = shown.map((name) => `${name} ${exampleText(tools.get(name)!)}`).join("; ");
  const all = names.length > shown.length ? ` All tools: ${names.slice(0, 30).join(", ")}.` : "";
  return fault(
    call.name,
    "unknown_tool",
    call,
    `There is no tool "${call.name}". Use one that exists: ${signatures}.${all}`,
  );
}

function exampleText(tool: Tool): string {
  return JSON.stringify(exampleOf(tool.parameters));
}
