import type { Detected } from "../detect/detect.ts";
import { type RenderedCalls, renderCalls, roundTrips, showsCalls } from "../detect/round-trip.ts";
import { type Dialect, dialectById } from "../dialects/index.ts";
import {
  CALL_STYLES,
  type CallStyle,
  callMessage,
  FIRST_CALL,
  PROBE_TOOLS,
  probeId,
  resultMessage,
  SECOND_CALL,
  tryRender,
  userMessage,
} from "../history/probe.ts";
import type { TemplateMessage } from "../history/shapes.ts";
import { writeCalls } from "../history/write.ts";
import type { TemplateTraits, Thinking } from "./types.ts";

export const THINKING_FIELDS = ["reasoning_content", "thinking", "reasoning"] as const;
const SYSTEM = "Systemsentinel";
const RESULT = "Resultsentinel";
const BESIDE = "Besidesentinel";
const THOUGHT = "Thoughtsentinel";
export const JSON_RESULT = { temp: "Tempsentinel", wind: [1, 2] };

/** The descriptor of what was detected. */
export function dialectOf(found: Detected): Dialect {
  return found.dialect ?? dialectById(found.format) ?? dialectById("hermes")!;
}

/** Finds out what a template does with each part of a conversation. */
export function traitsOf(template: string, found: Detected): TemplateTraits {
  const dialect = dialectOf(found);
  const rendered = renderCalls(template);
  const style = rendered.one?.style ?? CALL_STYLES[0]!;
  const written = writeCalls(dialect, [FIRST_CALL], PROBE_TOOLS);
  const byTemplate = showsCalls(rendered) && roundTrips(rendered, dialect);
  const calls = byTemplate
    ? "template"
    : canWrite(template, written)
      ? "written"
      : showsCalls(rendered)
        ? "template"
        : "none";
  const turn = calls === "template" ? callMessage([FIRST_CALL], style) : writtenTurn(written ?? "");
  return {
    lenient: lenient(template, style),
    tools: toolsShown(template),
    system: keepsSystem(template, turn) ? "shown" : "folded",
    calls,
    style,
    parallel: together(calls, dialect, rendered) ? "together" : "split",
    results: resultsOf(template, turn),
    besides: calls !== "template" || keepsText(template, style),
    ids: showsIds(template, style),
    thinking: thinkingOf(template, turn),
  };
}

function toolsShown(template: string): TemplateTraits["tools"] {
  const shown = (messages: TemplateMessage[]): boolean =>
    tryRender(template, messages, { generation: true })?.includes(FIRST_CALL.name) === true;
  if (shown([userMessage()])) return true;
  return shown([{ role: "system", content: SYSTEM }, userMessage()]) ? "system" : false;
}

/** Whether several calls can stand in one turn, by whoever writes them. */
function together(calls: TemplateTraits["calls"], dialect: Dialect, rendered: RenderedCalls): boolean {
  if (calls !== "written") return bothCalls(rendered.two?.turn);
  return writeCalls(dialect, [FIRST_CALL, SECOND_CALL], PROBE_TOOLS) !== undefined;
}

const writtenTurn = (text: string): TemplateMessage => ({ role: "assistant", content: text });

const bothCalls = (turn: string | undefined): boolean =>
  turn?.includes("Oslosentinel") === true && turn.includes("Bergensentinel");

/** Calls written as the text of a message come out unchanged. */
function canWrite(template: string, text: string | undefined): boolean {
  if (text === undefined) return false;
  return tryRender(template, [userMessage(), writtenTurn(text)])?.includes(text.trim()) === true;
}

/** Refused by the sandbox as it stands, but rendered without it. */
function lenient(template: string, style: CallStyle): boolean {
  const probes = [
    [userMessage()],
    [userMessage(), callMessage([FIRST_CALL], style), resultMessage(FIRST_CALL, 0, RESULT)],
  ];
  return probes.some(
    (messages) =>
      tryRender(template, messages, { strict: true }) === undefined &&
      tryRender(template, messages) !== undefined,
  );
}

/** The instructions stand in the prompt at every point of a run, not only while the user has the last word. */
function keepsSystem(template: string, turn: TemplateMessage): boolean {
  const system: TemplateMessage = { role: "system", content: SYSTEM };
  const shown = (messages: TemplateMessage[]): boolean => {
    const with_ = tryRender(template, [system, ...messages], { generation: true });
    if (with_ !== undefined) return with_.includes(SYSTEM);
    return tryRender(template, messages, { generation: true }) === undefined;
  };
  return (
    shown([userMessage()]) &&
    shown([userMessage(), { role: "assistant", content: "Yes." }, userMessage("And?")]) &&
    shown([userMessage(), turn, resultMessage(FIRST_CALL, 0, RESULT)])
  );
}

function resultsOf(template: string, turn: TemplateMessage): TemplateTraits["results"] {
  const render = (content: unknown): string | undefined =>
    tryRender(template, [userMessage(), turn, resultMessage(FIRST_CALL, 0, content)], { generation: true });
  if (render(RESULT)?.includes(RESULT) !== true) return "user";
  const text = render(JSON.stringify(JSON_RESULT));
  if (text?.includes('"temp"') === true && !text.includes('\\"temp')) return "text";
  const plain = (out: string | undefined): boolean =>
    out?.includes("Tempsentinel") === true && !out.includes('\\"temp') && !out.includes("'temp'");
  if (plain(render(JSON_RESULT))) return "object";
  return plain(render([{ type: "text", text: JSON_RESULT }])) ? "parts" : "text";
}

function keepsText(template: string, style: CallStyle): boolean {
  const call = callMessage([FIRST_CALL], style);
  const turn = { ...call, content: BESIDE };
  return (
    tryRender(template, [userMessage(), turn, resultMessage(FIRST_CALL, 0, RESULT)])?.includes(BESIDE) ===
    true
  );
}

function showsIds(template: string, style: CallStyle): boolean {
  const messages = [userMessage(), callMessage([FIRST_CALL], style), resultMessage(FIRST_CALL, 0, RESULT)];
  return tryRender(template, messages)?.includes(probeId(0)) === true;
}

/** Rendered twice: in the turn that is still running, and after the user has spoken again. */
function thinkingOf(template: string, turn: TemplateMessage): Thinking {
  for (const field of THINKING_FIELDS) {
    const extra = { enable_thinking: true };
    const running = tryRender(
      template,
      [userMessage(), { ...turn, [field]: THOUGHT }, resultMessage(FIRST_CALL, 0, RESULT)],
      { extra, generation: true },
    );
    const past = tryRender(
      template,
      [userMessage(), { role: "assistant", content: "Yes.", [field]: THOUGHT }, userMessage("And?")],
      { extra, generation: true },
    );
    if (past?.includes(THOUGHT) === true) return { field, kept: "always" };
    if (running?.includes(THOUGHT) === true) return { field, kept: "turn" };
  }
  return { field: undefined, kept: "never" };
}

/** Two turns of one call each come out whole: what a split needs. */
export function canSplit(template: string, style: CallStyle): boolean {
  const messages = [
    userMessage(),
    callMessage([FIRST_CALL], style),
    resultMessage(FIRST_CALL, 0, RESULT),
    callMessage([SECOND_CALL], style, 1),
    resultMessage(SECOND_CALL, 1, `${RESULT}2`),
  ];
  return bothCalls(tryRender(template, messages));
}
