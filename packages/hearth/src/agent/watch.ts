import { type StopReason, userMessage } from "../protocol/index.ts";
import type { RunContext } from "./context.ts";
import type { End } from "./end.ts";
import { FAULTS_STOP_AT, REPAIR_ROUNDS } from "./faults.ts";
import { checkLoop } from "./guard.ts";
import { loopLesson } from "./lessons.ts";

/** Asked at the first trip of a guard where `reflect` is true. */
export const REFLECTION =
  "Stop for a moment. Write down what the task asks for, what you know by now, what is missing, and which other way could get it. Then take that way, or answer with what you know.";

/** The guards, once the results of a step are there: does the run end, or is the model told something? */
export function afterCalls(context: RunContext): End | undefined {
  const { state, limits, stopOnRefusal } = context;
  if (stopOnRefusal && state.denied > 0) return { reason: "approval_refused" };
  if (state.denied >= limits.maxDenied)
    return { reason: "denied", detail: `${state.denied} calls were refused, which is the limit` };
  return faulty(context) ?? looping(context);
}

/** Calls that can't be run: after two repairs the strategy changed; once more, and the run ends. */
function faulty({ state, recorder }: RunContext): End | undefined {
  const worst = [...state.faults.values()]
    .filter(({ step }) => step === state.step)
    .reduce((most, { rounds }) => Math.max(most, rounds), 0);
  if (worst <= REPAIR_ROUNDS) return undefined;
  const stop = worst >= FAULTS_STOP_AT;
  recorder.emit({ type: "guard.tripped", kind: "repeat", action: stop ? "stop" : "teach" });
  if (!stop) return undefined;
  return { reason: "loop", detail: `the model made ${worst} calls in a row that can't be run` };
}

function looping(context: RunContext): End | undefined {
  const { state, recorder, reflect } = context;
  const verdict = checkLoop(state.finished, state.finishedNames);
  if (!verdict.trip) return undefined;
  const { kind, action, count } = verdict;
  recorder.emit({ type: "guard.tripped", kind, action });
  const name = state.finishedNames.at(-1) ?? "a tool";
  if (action === "stop") {
    const reason: StopReason = "loop";
    return { reason, detail: `the model called ${name} ${count} times in a ${kind} without progress` };
  }
  const lesson = reflect ?? "Use what you know and answer, or try something else.";
  recorder.emit({ type: "message.added", message: userMessage(loopLesson(name, count, lesson)) });
  return undefined;
}
