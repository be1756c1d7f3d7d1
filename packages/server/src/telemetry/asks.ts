import type { EngineEvent, FinishReason } from "hearth";
import { type Ask, type AskEnd, type AskWatch, writeTraceparent } from "../observe/index.ts";
import { bounded, instructionsText, messagesText } from "./content.ts";
import { newSpan } from "./ids.ts";
import { ATTRIBUTE, OPERATION } from "./names.ts";
import { type Attributes, KIND } from "./otlp.ts";
import type { Sinks } from "./sinks.ts";

const REASONS: Readonly<Record<FinishReason, string>> = {
  stop: "stop",
  length: "length",
  calls: "tool_call",
};

/** A question to an engine as the span of a client: `chat MODEL`. */
export function watchAsk(ask: Ask, sinks: Sinks): AskWatch {
  const { settings, histograms, now } = sinks;
  const parent = ask.scope?.span ?? ask.scope?.parent;
  const context = newSpan(parent, settings.sampling);
  const startMs = now();
  const operation = ask.kind === "chat" ? OPERATION.chat : OPERATION.completion;
  const said = settings.content ? new Said() : undefined;
  return {
    traceparent: writeTraceparent(context),
    ...(said === undefined ? {} : { event: (event: EngineEvent) => said.add(event) }),
    end(end) {
      const error = errorOf(end);
      const provider = ask.engine;
      const model = end.how === "failed" ? sinks.models.known(ask.model) : sinks.models.admit(ask.model);
      const labels = [operation, provider, model] as const;
      if (end.usage !== undefined) {
        histograms.tokens.observe(end.usage.input, ...labels, "input");
        histograms.tokens.observe(end.usage.output, ...labels, "output");
      }
      histograms.duration.observe(end.ms / 1000, ...labels, error ?? "");
      if (end.firstMs !== undefined) histograms.first.observe(end.firstMs / 1000, ...labels);
      sinks.span({
        context,
        ...(parent === undefined ? {} : { parentId: parent.spanId }),
        name: `${operation} ${ask.model}`,
        kind: KIND.client,
        startMs,
        endMs: startMs + end.ms,
        attributes: {
          [ATTRIBUTE.operation]: operation,
          [ATTRIBUTE.provider]: provider,
          [ATTRIBUTE.requestModel]: ask.model,
          ...placeOf(ask.address),
          ...samplingOf(ask),
          ...answerOf(end),
          [ATTRIBUTE.error]: error,
          ...(said === undefined ? {} : { ...askedOf(ask), [ATTRIBUTE.outputMessages]: said.text(end) }),
        },
        ...(end.how === "failed" ? { failure: messageOf(end.error) } : {}),
      });
    },
  };
}

/** Who goes away has not met an error of the engine, and the trace says which of the two it was. */
function errorOf({ how, error }: AskEnd): string | undefined {
  if (how === "whole") return undefined;
  if (how === "left") return "cancelled";
  return error instanceof Error ? error.name : "_OTHER";
}

function messageOf(error: unknown): string {
  return bounded(error instanceof Error ? error.message : String(error)).slice(0, 500);
}

function placeOf(address: string): Attributes {
  if (!URL.canParse(address)) return {};
  const { hostname, port, protocol } = new URL(address);
  const standard = protocol === "https:" ? 443 : 80;
  return {
    [ATTRIBUTE.serverAddress]: hostname,
    [ATTRIBUTE.serverPort]: port === "" ? standard : Number(port),
  };
}

function samplingOf({ request: { sampling } }: Ask): Attributes {
  return {
    [ATTRIBUTE.temperature]: sampling.temperature,
    [ATTRIBUTE.topP]: sampling.topP,
    [ATTRIBUTE.topK]: sampling.topK,
    [ATTRIBUTE.maxTokens]: sampling.maxTokens,
    [ATTRIBUTE.seed]: sampling.seed,
  };
}

function answerOf({ reason, usage, firstMs }: AskEnd): Attributes {
  return {
    [ATTRIBUTE.finishReasons]: reason === undefined ? undefined : [REASONS[reason]],
    [ATTRIBUTE.inputTokens]: usage?.input,
    [ATTRIBUTE.outputTokens]: usage?.output,
    [ATTRIBUTE.cachedTokens]: usage?.cached,
    [ATTRIBUTE.firstMs]: firstMs,
  };
}

function askedOf({ request }: Ask): Attributes {
  if (!("messages" in request)) {
    const prompt = [{ role: "user", parts: [{ type: "text", content: request.prompt }] }];
    return { [ATTRIBUTE.inputMessages]: bounded(JSON.stringify(prompt)) };
  }
  return {
    [ATTRIBUTE.inputMessages]: messagesText(request.messages),
    [ATTRIBUTE.instructions]: instructionsText(request.messages),
  };
}

/** What the model says, put together while it does. */
class Said {
  #text = "";
  #thinking = "";
  readonly #calls: object[] = [];

  add(event: EngineEvent): void {
    if (event.type === "text") this.#text += event.text;
    else if (event.type === "thinking") this.#thinking += event.text;
    else if (event.type === "call.end")
      this.#calls.push({
        type: "tool_call",
        id: event.id,
        name: event.name,
        arguments: event.arguments ?? event.argumentsText,
      });
  }

  text({ reason }: AskEnd): string {
    const parts = [
      ...(this.#thinking === "" ? [] : [{ type: "reasoning", content: this.#thinking }]),
      ...(this.#text === "" ? [] : [{ type: "text", content: this.#text }]),
      ...this.#calls,
    ];
    return bounded(
      JSON.stringify([
        { role: "assistant", parts, finish_reason: reason === undefined ? "error" : REASONS[reason] },
      ]),
    );
  }
}
