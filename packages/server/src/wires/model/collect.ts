import type { Answer, AnswerEvent } from "./types.ts";

/** The whole answer, for clients that don't want it streamed. */
export async function collect(events: AsyncIterable<AnswerEvent>): Promise<Answer> {
  const answer: Answer = { text: "", thinking: "", calls: [], reason: "stop" };
  for await (const event of events) {
    if (event.type === "text") answer.text += event.text;
    else if (event.type === "thinking") answer.thinking += event.text;
    else if (event.type === "call") answer.calls.push(event.call);
    else if (event.type === "end") {
      answer.reason = event.reason;
      if (event.usage !== undefined) answer.usage = event.usage;
    }
  }
  return answer;
}
