/** One question to the pocket model, past the loop: what it says or calls, under a grammar of the caller's choice. */
import { createEmbedded, type EmbeddedEngine } from "@hearth/llama";
import type { JsonObject, Message, Sampling, ToolSchema } from "hearth";
import { collect, type FormatEvent, promptFormatOf } from "hearth/formats";

export const format = promptFormatOf({ format: "pocket" });

/** `adapter`: another one than the package's. */
export function openPocket(adapter?: string): EmbeddedEngine {
  return createEmbedded({ model: "pocket", gpu: false, ...(adapter === undefined ? {} : { adapter }) });
}

export interface Said {
  text: string;
  content: string;
  call?: { name: string; arguments: Record<string, unknown> };
  calls: number;
  /** Every call, in order. */
  made: { name: string; arguments: JsonObject }[];
  /** Why it stopped; `length` would mean that the text is cut. */
  reason: string;
  ms: number;
}

export const userSays = (text: string): Message[] => [{ role: "user", content: [{ type: "text", text }] }];

/** `pointed`: the format's own grammar; a text: that GBNF; `free`: none. */
export async function ask(
  engine: EmbeddedEngine,
  messages: Message[],
  tools: ToolSchema[],
  grammar: "pointed" | "free" | { gbnf: string },
  sampling: Sampling = { temperature: 0 },
): Promise<Said> {
  const { prompt, stop, stablePrefixChars } = format.render({ messages, tools });
  const own = grammar === "pointed" ? format.grammar?.({ messages, tools, toolChoice: "auto" }) : undefined;
  const used = own ?? (typeof grammar === "object" ? grammar : undefined);
  const started = performance.now();
  let text = "";
  let reason = "";
  for await (const event of engine.complete(
    {
      model: "pocket",
      prompt,
      stablePrefixChars,
      sampling: { maxTokens: 160, ...sampling, stop },
      ...(used === undefined ? {} : { grammar: used }),
    },
    new AbortController().signal,
  )) {
    if (event.type === "text") text += event.text;
    if (event.type === "finish") reason = event.reason;
  }
  const ms = performance.now() - started;
  const parser = format.parser({ tools });
  const events: FormatEvent[] = [...parser.push(text), ...parser.end()];
  const { content, calls } = collect(events);
  const made = calls.map(({ name, arguments: args }) => ({ name, arguments: { ...args } }));
  const said: Said = { text, content, calls: calls.length, made, reason, ms };
  if (calls[0] !== undefined) said.call = { name: calls[0].name, arguments: { ...calls[0].arguments } };
  return said;
}
