import { type Detected, FALLBACK } from "../detect/detect.ts";
import { fingerprinted } from "../detect/needles.ts";
import { type RenderedCalls, roundTrips, showsCalls } from "../detect/round-trip.ts";
import { type Dialect, dialects } from "../dialects/index.ts";
import type { RenderedAnswer } from "../history/answer.ts";
import {
  CALL_STYLES,
  FIRST_CALL,
  PROBE_TOOLS,
  type ProbeCall,
  SECOND_CALL,
  USER_TEXT,
} from "../history/probe.ts";
import { GoTemplateError } from "./errors.ts";
import { type OllamaMessage, renderOllama } from "./ollama.ts";
import { parseGoTemplate } from "./parser.ts";

const user: OllamaMessage = { role: "user", content: USER_TEXT };
const RESULT = "Resultsentinel";

const assistant = (calls: readonly ProbeCall[], content = ""): OllamaMessage => ({
  role: "assistant",
  content,
  calls: calls.map((call, index) => ({ id: `call0000${index + 1}`, ...call })),
});

const result = (call: ProbeCall): OllamaMessage => ({
  role: "tool",
  content: RESULT,
  toolName: call.name,
  toolCallId: "call00001",
});

/** Renders, or undefined where the template fails. */
function tryRender(template: string, messages: readonly OllamaMessage[]): string | undefined {
  try {
    return renderOllama(parseGoTemplate(template), { messages, tools: PROBE_TOOLS, today: "2026-01-02" });
  } catch (error) {
    if (error instanceof GoTemplateError) return undefined;
    throw error;
  }
}

/** Whether a chat template is one of Ollama's: fields with a dot before them are nothing in Jinja. */
export const isGoTemplate = (template: string): boolean =>
  /\{\{-?\s*(?:(?:if|range|with|else if|json|not|and|or|eq|ne)\s[^{}]*?)?[.$]\.?[A-Z]/.test(template);

/** The format of one of Ollama's templates: by its texts, proven by the round trip as with Jinja templates. */
export function detectGoTemplate(template: string): Detected {
  const marked = fingerprinted(template);
  const rendered = renderCalls(template);
  const proven = marked.find((dialect) => roundTrips(rendered, dialect));
  if (proven !== undefined) return { format: proven.id, confidence: 1, how: "fingerprint" };
  if (marked[0] !== undefined)
    return { format: marked[0].id, confidence: showsCalls(rendered) ? 0.6 : 0.8, how: "fingerprint" };
  const read = showsCalls(rendered)
    ? dialects.find((dialect) => roundTrips(rendered, dialect, true))
    : undefined;
  return read === undefined ? FALLBACK : { format: read.id, confidence: 0.9, how: "rendering" };
}

function renderCalls(template: string): RenderedCalls {
  return { one: answer(template, [FIRST_CALL]), two: answer(template, [FIRST_CALL, SECOND_CALL]) };
}

function answer(template: string, calls: readonly ProbeCall[]): RenderedAnswer | undefined {
  const prompt = tryRender(template, [user]);
  const whole = tryRender(template, [user, assistant(calls), ...calls.map(result)]);
  if (prompt === undefined || whole === undefined) return undefined;
  const end = whole.indexOf(RESULT);
  const until = end < 0 ? whole : whole.slice(0, end);
  const from = whole.startsWith(prompt) ? prompt.length : Math.max(0, until.lastIndexOf(USER_TEXT));
  const text = until.slice(from);
  return { style: CALL_STYLES[0]!, turn: text, candidates: [{ text, prefill: "" }] };
}

export interface GoTraits {
  /** Shows the tools. */
  tools: boolean;
  /** Shows calls of earlier messages as the model writes them. */
  calls: boolean;
  results: boolean;
}

export function goTraits(template: string, dialect: Dialect): GoTraits {
  const rendered = renderCalls(template);
  return {
    tools: tryRender(template, [user])?.includes(FIRST_CALL.name) === true,
    calls: roundTrips(rendered, dialect),
    results:
      tryRender(template, [user, assistant([FIRST_CALL]), result(FIRST_CALL)])?.includes(RESULT) === true,
  };
}

export interface GoFinding {
  what:
    | "tool_structs"
    | "tools"
    | "history_calls"
    | "parallel_calls"
    | "text_beside_calls"
    | "results"
    | "unreadable";
  how: string;
  repair?: string;
}

/** What Ollama makes of this template that harms the model, and what rendering it ourselves repairs. */
export function auditGoTemplate(template: string): { format: Detected; findings: GoFinding[] } {
  const findings: GoFinding[] = [];
  try {
    parseGoTemplate(template);
  } catch (error) {
    if (!(error instanceof GoTemplateError)) throw error;
    return {
      format: FALLBACK,
      findings: [{ what: "unreadable", how: `It can't be read: ${error.message}.` }],
    };
  }
  const format = detectGoTemplate(template);
  const dialect = dialects.find(({ id }) => id === format.format);
  const traits = dialect === undefined ? undefined : goTraits(template, dialect);
  if (printsStructs(template))
    findings.push({
      what: "tool_structs",
      how: "It prints a tool's function as it stands; Ollama since 0.14 writes a Go struct there instead of JSON (#14601).",
      repair: "Rendered by Hearth it is JSON; needs the raw path.",
    });
  if (traits?.tools === false)
    findings.push({
      what: "tools",
      how: "It does not show the tools.",
      repair: "They go into the system prompt, with how to call them.",
    });
  const rendered = renderCalls(template);
  const written = "They are written as the model writes them, as the text of its message.";
  if (!showsCalls(rendered))
    findings.push({ what: "history_calls", how: "Calls of earlier messages are dropped.", repair: written });
  else if (traits?.calls === false)
    findings.push({
      what: "parallel_calls",
      how: "Calls come out otherwise than the model writes them.",
      repair: written,
    });
  const beside = tryRender(template, [user, assistant([FIRST_CALL], "Besidesentinel"), result(FIRST_CALL)]);
  if (
    showsCalls(rendered) &&
    !(beside?.includes("Besidesentinel") === true && beside.includes("Oslosentinel"))
  )
    findings.push({
      what: "text_beside_calls",
      how: "Of text and calls in one message only one is shown.",
      repair: written,
    });
  if (traits?.results === false)
    findings.push({
      what: "results",
      how: "Results are dropped.",
      repair: "They go in a message of the user, between <tool_response> tags.",
    });
  return { format, findings };
}

/** `{{ .Function }}` or `{{ .Function.Parameters }}` printed bare: the two types that Ollama does not turn into JSON. */
const printsStructs = (template: string): boolean =>
  /\{\{-?\s*(?:\$\w*)?\.Function(?:\.Parameters)?\s*-?\}\}/.test(template);
