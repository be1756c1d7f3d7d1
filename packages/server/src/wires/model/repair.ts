import { randomBytes } from "node:crypto";
import {
  callsOf,
  checkArguments,
  isValid,
  type Message,
  type RawCall,
  sameName,
  type ToolSchema,
} from "hearth";
import type { AnsweredCall } from "./types.ts";

/**
 * Calls as they leave the service: names and arguments mended where what is meant is sure, ids unique in the conversation.
 * What can't be mended leaves as the model wrote it: the client runs the tool, so the client tells the model what is wrong.
 */
export class CallRepair {
  readonly #tools: readonly ToolSchema[];
  readonly #ids: Set<string>;

  constructor(tools: readonly ToolSchema[], messages: readonly Message[]) {
    this.#tools = tools;
    this.#ids = new Set(
      messages.flatMap((message) =>
        message.role === "assistant" ? callsOf(message).map(({ id }) => id) : [],
      ),
    );
  }

  mend(call: RawCall): AnsweredCall {
    const name = this.#nameOf(call.name);
    const tool = this.#tools.find((one) => one.name === name);
    const out: AnsweredCall = { id: this.#idOf(call.id), name, text: call.text };
    if (call.truncated === true || call.arguments === undefined) return out;
    const args = tool === undefined ? call.arguments : mendArguments(tool, call.arguments);
    return { ...out, arguments: args, text: JSON.stringify(args) };
  }

  #nameOf(name: string): string {
    const names = this.#tools.map((tool) => tool.name);
    return names.includes(name) ? name : (sameName(name, names) ?? name);
  }

  /** The engine's id where it is new in this conversation: some give every call the same, or count anew each turn. */
  #idOf(given: string | undefined): string {
    let id = given ?? "";
    while (id === "" || this.#ids.has(id)) id = `call_${randomBytes(12).toString("hex")}`;
    this.#ids.add(id);
    return id;
  }
}

/** What fits already stays as it is, without defaults filled in; what does not is read as what is surely meant. */
function mendArguments(tool: ToolSchema, args: NonNullable<RawCall["arguments"]>): typeof args {
  if (isValid(tool.parameters, args)) return args;
  const checked = checkArguments(tool.parameters, args);
  return checked.ok ? checked.value : args;
}
