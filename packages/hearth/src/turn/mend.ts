import { createParser } from "../formats/parse.ts";
import { isObject, type JsonObject, type ToolSchema } from "../protocol/index.ts";

/** Stands behind the arguments while they are read: text that is not whole would swallow it. */
const GUARD = "hearth_end_of_arguments";

export interface Mended {
  arguments: JsonObject;
  repairs: string[];
}

/**
 * Arguments that a server passed on as the model wrote them, and that are no JSON object: a string that holds one, or an object in
 * Python's or JavaScript's way. Read by the same rules as calls in text. What was cut off is not completed: `undefined`.
 */
export function mendArguments(name: string, text: string, tools: readonly ToolSchema[]): Mended | undefined {
  const inner = asString(text);
  if (inner === undefined) return readLoosely(name, text, tools);
  const repairs = ["arguments written as a string were read as an object"];
  const whole = asObject(inner);
  if (whole !== undefined) return { arguments: whole, repairs };
  const mended = readLoosely(name, inner, tools);
  return mended === undefined ? undefined : { ...mended, repairs: [...repairs, ...mended.repairs] };
}

function readLoosely(name: string, text: string, tools: readonly ToolSchema[]): Mended | undefined {
  const object = text.trim();
  if (!object.startsWith("{") || !object.endsWith("}")) return undefined;
  const parser = createParser("hermes", { tools });
  const call = `<tool_call>\n{"name": ${JSON.stringify(name)}, "arguments": ${object}, "${GUARD}": 1}\n</tool_call>`;
  const events = [...parser.push(call), ...parser.end()];
  const ended = events.filter((event) => event.type === "call.end");
  const [only] = ended;
  if (only === undefined || ended.length > 1 || only.name !== name) return undefined;
  if (
    events.some(
      (event) => event.type === "call.broken" || (event.type === "text" && event.text.trim() !== ""),
    )
  )
    return undefined;
  if (JSON.stringify(only.arguments).includes(GUARD)) return undefined;
  return { arguments: only.arguments, repairs: only.repairs ?? ["arguments read as JSON"] };
}

function asString(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

function asObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
