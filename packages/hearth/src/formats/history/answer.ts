import {
  CALL_STYLES,
  type CallStyle,
  callMessage,
  type ProbeCall,
  resultMessage,
  tryRender,
  userMessage,
} from "./probe.ts";

/** What a template writes for an assistant's turn of calls: candidates for the model's own text, the surest first. */
export interface RenderedAnswer {
  style: CallStyle;
  /** The assistant's turn, header and end included. */
  turn: string;
  candidates: { text: string; prefill: string }[];
}

/** The assistant's turn that makes these calls, by rendering with and without it; undefined where no style renders. */
export function renderedAnswer(template: string, calls: readonly ProbeCall[]): RenderedAnswer | undefined {
  let found: RenderedAnswer | undefined;
  for (const style of CALL_STYLES) {
    const answer = answerIn(template, calls, style);
    if (answer === undefined) continue;
    if (showsArguments(answer.turn, calls, style)) return answer;
    found ??= answer;
  }
  return found;
}

/** The values come out plain: not missing, not as JSON inside a JSON string. */
function showsArguments(turn: string, calls: readonly ProbeCall[], _style: CallStyle): boolean {
  return calls.every(
    (call) =>
      turn.includes(call.name) &&
      Object.values(call.arguments).every((value) => typeof value !== "string" || turn.includes(value)) &&
      !Object.keys(call.arguments).some((key) => turn.includes(`\\"${key}\\"`)),
  );
}

function answerIn(
  template: string,
  calls: readonly ProbeCall[],
  style: CallStyle,
): RenderedAnswer | undefined {
  const before = [userMessage()];
  const call = callMessage(calls, style);
  const base = tryRender(template, before);
  const prompt = tryRender(template, before, { generation: true });
  // Some templates want the results before they show the calls.
  const results = calls.map((one, index) => resultMessage(one, index, "Resultsentinel"));
  const withCall =
    tryRender(template, [...before, call]) ?? upTo(tryRender(template, [...before, call, ...results]));
  if (withCall === undefined || base === undefined) return undefined;
  const shared = commonPrefix(base, withCall);
  const turn = withCall.slice(shared.length);
  const candidates: RenderedAnswer["candidates"] = [];
  if (prompt !== undefined && withCall.startsWith(prompt))
    candidates.push({ text: withCall.slice(prompt.length), prefill: prompt.slice(shared.length) });
  if (prompt !== undefined) {
    const header = boundary(commonPrefix(prompt.slice(shared.length), turn));
    candidates.push({ text: turn.slice(header.length), prefill: header });
  }
  candidates.push({ text: turn, prefill: "" });
  return { style, turn, candidates };
}

/** A rendering that goes on with results, cut before the first of them. */
function upTo(rendered: string | undefined): string | undefined {
  const at = rendered?.indexOf("Resultsentinel") ?? -1;
  return at < 0 ? rendered : rendered?.slice(0, at);
}

export function commonPrefix(a: string, b: string): string {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return a.slice(0, at);
}

/** Back to the last place where a header may end, so that no marker is cut in two. */
function boundary(text: string): string {
  const at = Math.max(
    text.lastIndexOf("\n"),
    text.lastIndexOf(">"),
    text.lastIndexOf("]"),
    text.lastIndexOf(":"),
  );
  return text.slice(0, at + 1);
}
