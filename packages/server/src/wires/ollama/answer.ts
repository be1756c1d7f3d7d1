import type { JsonObject, Usage } from "hearth";
import type { Answer, AnswerEvent, AnsweredCall, EndReason } from "../model/index.ts";
import { jsonLine } from "../stream.ts";

/** How the two routes differ: `/api/chat` has a message, `/api/generate` a text. */
export type Piece = (piece: { text?: string; thinking?: string; calls?: JsonObject[] }) => JsonObject;

export const chatPiece: Piece = ({ text = "", thinking, calls }) => ({
  message: {
    role: "assistant",
    content: text,
    ...(thinking === undefined ? {} : { thinking }),
    ...(calls === undefined ? {} : { tool_calls: calls }),
  },
});

export const generatePiece: Piece = ({ text = "", thinking }) => ({
  response: text,
  ...(thinking === undefined ? {} : { thinking }),
});

/** The times that Ollama tells, measured where we can: nanoseconds. */
export class Timing {
  readonly #began = performance.now();
  #first: number | undefined;

  /** The first piece of the answer is there. */
  first(): void {
    this.#first ??= performance.now();
  }

  end(usage: Usage | undefined): JsonObject {
    const now = performance.now();
    const first = this.#first ?? now;
    return {
      total_duration: nanoseconds(now - this.#began),
      load_duration: 0,
      ...(usage === undefined
        ? {}
        : {
            prompt_eval_count: usage.input,
            prompt_eval_duration: nanoseconds(first - this.#began),
            eval_count: usage.output,
            eval_duration: nanoseconds(now - first),
          }),
    };
  }
}

const nanoseconds = (ms: number): number => Math.round(ms * 1e6);

export function wholeAnswer(answer: Answer, model: string, piece: Piece, timing: Timing): JsonObject {
  const { text, thinking, reason, usage } = answer;
  const calls = answer.calls.flatMap<JsonObject>((call, index) => callOf(call, index) ?? []);
  const unread = answer.calls.filter((call) => call.arguments === undefined).map(unreadText);
  return {
    model,
    created_at: new Date().toISOString(),
    ...piece({
      text: text + unread.join(""),
      ...(thinking === "" ? {} : { thinking }),
      ...(calls.length === 0 ? {} : { calls }),
    }),
    done: true,
    done_reason: doneReason(reason),
    ...timing.end(usage),
  };
}

/** One JSON value a line; each call whole in a line of its own. */
export async function* lines(
  events: AsyncIterable<AnswerEvent>,
  model: string,
  piece: Piece,
  timing: Timing,
): AsyncGenerator<string> {
  const part = (body: JsonObject): string =>
    jsonLine({ model, created_at: new Date().toISOString(), ...body, done: false });
  let index = 0;
  for await (const event of events) {
    if (event.type === "wait") continue;
    timing.first();
    if (event.type === "text") yield part(piece({ text: event.text }));
    else if (event.type === "thinking") yield part(piece({ thinking: event.text }));
    else if (event.type === "call") {
      const call = callOf(event.call, index);
      if (call === undefined) yield part(piece({ text: unreadText(event.call) }));
      else {
        index++;
        yield part(piece({ calls: [call] }));
      }
    } else {
      yield jsonLine({
        model,
        created_at: new Date().toISOString(),
        ...piece({}),
        done: true,
        done_reason: doneReason(event.reason),
        ...timing.end(event.usage),
      });
    }
  }
}

/** Arguments are an object on this wire. */
function callOf(call: AnsweredCall, index: number): JsonObject | undefined {
  if (call.arguments === undefined) return undefined;
  return { id: call.id, function: { index, name: call.name, arguments: call.arguments } };
}

/** A call that is no object has no other place here than the text, so that it is not lost. */
function unreadText({ name, text }: AnsweredCall): string {
  return `\n[call of ${name} that can't be read] ${text}`;
}

/** Ollama has no reason of its own for calls. */
function doneReason(reason: EndReason): string {
  return reason === "length" ? "length" : "stop";
}
