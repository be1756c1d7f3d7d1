import {
  type AskInput,
  addUsage,
  ask,
  isValid,
  type JsonSchema,
  type RawCall,
  type Usage,
  userMessage,
} from "hearth";
import { type Admission, admit, type Caller, type WireContext } from "../context.ts";
import { withinDeadline } from "../deadline.ts";
import { agentAnswer, isAgentName, modelOfAgent } from "./agent-answer.ts";
import { askInput, refuseTruncated } from "./plan.ts";
import { CallRepair } from "./repair.ts";
import type { AnswerEvent, AnsweredCall, EndReason, Question } from "./types.ts";

/**
 * The answer to a question of any wire. Streamed and whole answers both come from here. Takes a place in line at once
 * (raises `QueueFullError`), which the iteration gives back: it must be begun. The signal closes the connection to the engine.
 */
export function answer(
  context: WireContext,
  by: Caller,
  question: Question,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const run = isAgentName(question.model);
  const model = run ? modelOfAgent(context, question.model) : question.model;
  const admission = admit(context, by, { run, model });
  // A run keeps its time itself, and says what it has reached by then.
  if (run) return agentAnswer(context, by, admission, question, signal);
  return withinDeadline(by.deadlineMs, signal, (until) => modelAnswer(context, admission, question, until));
}

async function* modelAnswer(
  context: WireContext,
  admission: Admission,
  question: Question,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  try {
    const input = await askInput(context, admission.engine, question, signal);
    const turn = new Turn(context, question, signal);
    const offersCalls = question.tools.length > 0 && question.toolChoice !== "none";
    if (question.responseSchema !== undefined && offersCalls) {
      yield* turn.inSchema(input, question.responseSchema);
    } else yield* turn.events(input);
  } finally {
    admission.release();
  }
}

/** One question's way through the engine. */
class Turn {
  readonly #context: WireContext;
  readonly #question: Question;
  readonly #signal: AbortSignal;
  readonly #repair: CallRepair;

  constructor(context: WireContext, question: Question, signal: AbortSignal) {
    this.#context = context;
    this.#question = question;
    this.#signal = signal;
    this.#repair = new CallRepair(question.tools, question.messages);
  }

  async *events(input: AskInput): AsyncGenerator<AnswerEvent> {
    let calls = 0;
    let usage: Usage | undefined;
    let reason: EndReason = "stop";
    let window: number | undefined;
    const most =
      input.toolChoice === "none" ? 0 : this.#question.parallelCalls ? Number.POSITIVE_INFINITY : 1;
    for await (const event of ask(input, this.#signal)) {
      switch (event.type) {
        case "text":
        case "thinking":
        case "wait":
          yield event;
          break;
        case "call":
          if (++calls <= most) yield { type: "call", call: this.#mended(event) };
          break;
        case "usage":
          usage = usageOf(event);
          break;
        case "finish":
          reason = event.reason;
          window = event.contextTokens;
          break;
        default:
      }
    }
    try {
      refuseTruncated(this.#context.agent.model.engine, input, usage, window);
    } catch (error) {
      this.#context.meter?.truncated();
      throw error;
    }
    if (reason !== "length") reason = calls > 0 && most > 0 ? "calls" : "stop";
    yield { type: "end", reason, ...(usage === undefined ? {} : { usage }) };
  }

  #mended(event: RawCall): AnsweredCall {
    const call = this.#repair.mend(event);
    const changed =
      call.name !== event.name || (event.arguments !== undefined && call.arguments !== event.arguments);
    if (event.repairs.length > 0 || changed) this.#context.meter?.repaired();
    return call;
  }

  /**
   * Tools and a schema at once: engines lose the calls then. So the model is asked with its tools first, and where it answers
   * in words that are not of the schema, once more for the answer in it. Words are held back until they are known to be the answer.
   */
  async *inSchema(input: AskInput, schema: JsonSchema): AsyncGenerator<AnswerEvent> {
    const { responseSchema: _, ...withTools } = input;
    let words = "";
    let calls = 0;
    for await (const event of this.events(withTools)) {
      if (event.type === "text") words += event.text;
      else if (event.type !== "end") {
        if (event.type === "call") calls++;
        yield event;
      } else if (calls > 0 || event.reason === "length" || fits(schema, words)) {
        if (words !== "") yield { type: "text", text: words };
        yield event;
      } else yield* this.#again(input, schema, words, event.usage);
    }
  }

  async *#again(
    input: AskInput,
    schema: JsonSchema,
    words: string,
    before: Usage | undefined,
  ): AsyncGenerator<AnswerEvent> {
    const wish = `Now give that answer as one JSON value of this JSON Schema, and nothing else:\n${JSON.stringify(schema)}`;
    const said =
      words.trim() === ""
        ? []
        : [{ role: "assistant" as const, content: [{ type: "text" as const, text: words }] }];
    const messages = [...input.messages, ...said, userMessage(wish)];
    for await (const event of this.events({ ...input, messages, tools: [], toolChoice: "none" })) {
      if (event.type !== "end" || before === undefined || event.usage === undefined) yield event;
      else yield { ...event, usage: addUsage(before, event.usage) };
    }
  }
}

function fits(schema: JsonSchema, words: string): boolean {
  try {
    return isValid(schema, JSON.parse(words));
  } catch {
    return false;
  }
}

function usageOf({ input, output, cached }: Usage): Usage {
  return { input, output, ...(cached === undefined ? {} : { cached }) };
}
