import { mapEvents } from "../engines/map-events.ts";
import type { CompletionRequest, Engine, EngineEvent } from "../engines/types.ts";
import { Gbnf, SchemaRules } from "../formats/grammar/index.ts";
import type { GrammarInput, PromptFormat, RenderInput } from "../formats/types.ts";
import type { JsonSchema } from "../protocol/index.ts";
import { neutralResults } from "./neutral.ts";
import { TextReader } from "./reading.ts";
import type { AskInput, TurnEvent } from "./types.ts";

/** Events that are there already. */
async function* ready(events: TurnEvent[]): AsyncGenerator<TurnEvent> {
  yield* events;
}

/** A grammar for one JSON value of the schema. */
function schemaGrammar(schema: JsonSchema): string {
  const g = new Gbnf();
  return g.text(new SchemaRules(g, schema).value(schema, ""));
}

/** Asks an engine that takes raw text: the prompt, the grammar and the reading of the answer are ours. */
export function askRaw(
  complete: NonNullable<Engine["complete"]>,
  format: PromptFormat,
  input: AskInput,
  signal: AbortSignal,
): AsyncIterable<TurnEvent> {
  const given = format.answer?.(input.messages, input.tools);
  if (given !== undefined) {
    return ready([
      { type: "text", text: given },
      { type: "finish", reason: "stop" },
    ]);
  }
  const messages = neutralResults(input.messages);
  const renderInput: RenderInput = { messages, tools: input.tools };
  if (typeof input.think === "boolean") renderInput.thinking = input.think;
  const rendered = format.render(renderInput);
  const request: CompletionRequest = {
    model: input.info.name,
    prompt: rendered.prompt,
    sampling: { ...input.sampling, stop: [...(input.sampling.stop ?? []), ...rendered.stop] },
    contextTokens: input.contextTokens,
    stablePrefixChars: rendered.stablePrefixChars,
  };
  const grammarInput: GrammarInput = { messages, tools: input.tools, toolChoice: input.toolChoice };
  if (input.workspaceNames !== undefined) grammarInput.workspaceNames = input.workspaceNames;
  const schema = input.responseSchema;
  const grammar = schema === undefined ? format.grammar?.(grammarInput) : { gbnf: schemaGrammar(schema) };
  if (grammar !== undefined) request.grammar = grammar;

  const reader = new TextReader(format.parser({ tools: input.tools, prefill: rendered.prefill }));
  let raw = "";
  let finish: Extract<TurnEvent, { type: "finish" }> | undefined;
  return mapEvents<EngineEvent, TurnEvent>(
    complete.call(input.engine, request, signal),
    (event, out) => {
      if (event.type === "text") {
        raw += event.text;
        reader.push(event.text, out);
      } else if (event.type === "finish") finish = event;
      else if (event.type === "wait" || event.type === "wait.end" || event.type === "usage") out.push(event);
    },
    (out) => {
      reader.end(out);
      if (finish === undefined) return;
      const reason = finish.reason === "stop" && reader.calls > 0 ? "calls" : finish.reason;
      out.push({ ...finish, reason, raw: { format: format.id, text: raw } });
    },
  );
}
