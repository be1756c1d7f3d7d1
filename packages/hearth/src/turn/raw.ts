import type { CompletionRequest, Engine } from "../engines/types.ts";
import { Gbnf, SchemaRules } from "../formats/grammar/index.ts";
import type { GrammarInput, PromptFormat, RenderInput } from "../formats/types.ts";
import type { JsonSchema } from "../protocol/index.ts";
import { neutralResults } from "./neutral.ts";
import { TextReader } from "./reading.ts";
import type { AskInput, TurnEvent } from "./types.ts";

/** A grammar for one JSON value of the schema. */
function schemaGrammar(schema: JsonSchema): string {
  const g = new Gbnf();
  return g.text(new SchemaRules(g, schema).value(schema, ""));
}

/** Asks an engine that takes raw text: the prompt, the grammar and the reading of the answer are ours. */
export async function* askRaw(
  complete: NonNullable<Engine["complete"]>,
  format: PromptFormat,
  input: AskInput,
  signal: AbortSignal,
): AsyncGenerator<TurnEvent> {
  const given = format.answer?.(input.messages);
  if (given !== undefined) {
    yield { type: "text", text: given };
    yield { type: "finish", reason: "stop" };
    return;
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
  for await (const event of complete.call(input.engine, request, signal)) {
    if (event.type === "text") {
      raw += event.text;
      yield* reader.push(event.text);
    } else if (event.type === "finish") {
      finish = event;
    } else if (event.type === "wait" || event.type === "wait.end" || event.type === "usage") {
      yield event;
    }
  }
  yield* reader.end();
  if (finish === undefined) return;
  const reason = finish.reason === "stop" && reader.calls > 0 ? "calls" : finish.reason;
  yield { ...finish, reason, raw: { format: format.id, text: raw } };
}
