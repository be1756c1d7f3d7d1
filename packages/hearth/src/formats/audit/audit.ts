import { type Detected, detect } from "../detect/detect.ts";
import { renderCalls, roundTrips, showsCalls } from "../detect/round-trip.ts";
import { auditGoTemplate, type GoFinding, isGoTemplate } from "../gotemplate/detect.ts";
import {
  CALL_STYLES,
  type CallStyle,
  callMessage,
  FIRST_CALL,
  resultMessage,
  tryRender,
  userMessage,
} from "../history/probe.ts";
import { templateFault } from "../templates/index.ts";
import { canSplit, dialectOf, JSON_RESULT, traitsOf } from "./traits.ts";
import type { Audit, Finding, TemplateTraits } from "./types.ts";

const CACHE_SIZE = 32;
const cache = new Map<string, Audit>();

/** Audits a chat template; remembered by its text. `format`: what it was made for, where that is known better than by detection. */
export function auditTemplate(template: string, format?: Detected): Audit {
  const key = `${format?.format ?? ""}\0${template}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const found = format ?? detect(template);
  const traits = traitsOf(template, found);
  const audit: Audit = { format: found, traits, findings: findings(template, found, traits) };
  cache.set(key, audit);
  if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value!);
  return audit;
}

function findings(template: string, found: Detected, traits: TemplateTraits): Finding[] {
  const out: Finding[] = [];
  const add = (what: Finding["what"], how: string, repair?: string): void => {
    out.push(repair === undefined ? { what, how } : { what, how, repair });
  };
  if (traits.lenient)
    add(
      "sandbox",
      "It changes lists, or writes a generator as JSON, which Python's sandbox refuses.",
      "It may, on copies.",
    );
  if (traits.tools === false)
    add(
      "tools",
      "It does not show the tools.",
      `Tools and how to call them (${found.format}) go into the system prompt.`,
    );
  if (traits.system === "folded")
    add(
      "system",
      "The system prompt is refused, or missing at some point of a run.",
      "It goes before the first message of the user.",
    );
  callFindings(template, found, traits, add);
  resultFindings(template, traits, add);
  if (!traits.ids)
    add(
      "ids",
      "Ids of calls are not shown, so results are told apart by their order only.",
      "Results go in call order.",
    );
  if (traits.thinking.kept !== "always")
    add(
      "thinking",
      traits.thinking.kept === "turn"
        ? "Thinking is kept while a turn runs, and dropped when the user speaks again."
        : "Thinking of earlier messages is not shown.",
    );
  return out;
}

type Add = (what: Finding["what"], how: string, repair?: string) => void;

function callFindings(template: string, found: Detected, traits: TemplateTraits, add: Add): void {
  const rendered = renderCalls(template);
  const shown = showsCalls(rendered);
  const written =
    traits.calls === "written"
      ? "They are written as the model writes them, as the text of its message."
      : undefined;
  if (!shown) {
    add("history_calls", "Calls of earlier messages are dropped.", written);
    return;
  }
  if (!roundTrips(rendered, dialectOf(found)))
    add(
      "argument_types",
      "Calls come out otherwise than the model writes them: types, quotes or separators are lost.",
      written,
    );
  if (rendered.two === undefined || !rendered.two.turn.includes("Bergensentinel")) {
    const how =
      rendered.two === undefined
        ? "Several calls in one turn are refused."
        : "Of several calls in one turn only one is shown.";
    const split = traits.calls === "written" || canSplit(template, traits.style);
    add(
      "parallel_calls",
      how,
      split ? "Each call goes into a turn of its own, followed by its result." : undefined,
    );
  }
  if (encodes(template, { ...CALL_STYLES[2]! }))
    add(
      "text_arguments",
      "Arguments given as JSON text are encoded twice, or refused.",
      "They are given as objects.",
    );
  if (traits.style.arguments === "text")
    add(
      "object_arguments",
      "Arguments given as objects come out as Python's dicts, or are refused.",
      "They are given as JSON text.",
    );
  if (!traits.besides)
    add(
      "text_beside_calls",
      "Text beside calls is dropped.",
      "Such a message is written as the model wrote it, text and calls.",
    );
}

function encodes(template: string, style: CallStyle): boolean {
  const out = tryRender(template, [userMessage(), callMessage([FIRST_CALL], style)]);
  return out === undefined || out.includes('\\"city\\"');
}

function resultFindings(template: string, traits: TemplateTraits, add: Add): void {
  if (traits.results === "user")
    add(
      "results",
      "Messages with results are dropped or refused.",
      "They go in a message of the user, between <tool_response> tags.",
    );
  if (traits.results === "object" || traits.results === "parts")
    add("json_results", "Results that are JSON are encoded twice as text.", "They are given as objects.");
  if (traits.results === "text") {
    const turn = callMessage([FIRST_CALL], traits.style);
    const out = tryRender(template, [
      userMessage(),
      turn,
      resultMessage(FIRST_CALL, 0, JSON.stringify(JSON_RESULT)),
    ]);
    if (out?.includes('\\"temp') === true) add("json_results", "Results that are JSON are encoded twice.");
  }
}

export type AuditRow =
  | { template: "faulty"; error: string }
  | {
      format: string;
      confidence: number;
      detected: string;
      language: "jinja" | "go";
      traits?: TemplateTraits;
    }
  | Finding
  | GoFinding;

/** The lines of `hearth formats audit FILE --json`: the format and the traits, then one line for each finding. */
export function auditRows(template: string): AuditRow[] {
  if (isGoTemplate(template)) return goRows(template);
  const fault = templateFault(template);
  if (fault !== undefined) return [{ template: "faulty", error: fault.message }];
  const { format, traits, findings: found } = auditTemplate(template);
  return [{ ...head(format), language: "jinja", traits }, ...found];
}

function goRows(template: string): AuditRow[] {
  const { format, findings: found } = auditGoTemplate(template);
  return [{ ...head(format), language: "go" }, ...found];
}

const head = ({
  format,
  confidence,
  how,
}: Detected): { format: string; confidence: number; detected: string } => ({
  format,
  confidence,
  detected: how,
});
