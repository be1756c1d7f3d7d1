import type { Dialect } from "../dialects/index.ts";
import { type RenderedAnswer, renderedAnswer } from "../history/answer.ts";
import { FIRST_CALL, PROBE_TOOLS, type ProbeCall, SECOND_CALL } from "../history/probe.ts";
import { parse } from "../parse.ts";
import { sameJson } from "./same.ts";

/** What a template makes of one call, and of two in one turn. */
export interface RenderedCalls {
  one: RenderedAnswer | undefined;
  two: RenderedAnswer | undefined;
}

export function renderCalls(template: string): RenderedCalls {
  return {
    one: renderedAnswer(template, [FIRST_CALL]),
    two: renderedAnswer(template, [FIRST_CALL, SECOND_CALL]),
  };
}

/** Whether the template shows calls of the history at all. */
export const showsCalls = (rendered: RenderedCalls): boolean =>
  rendered.one?.turn.includes("Oslosentinel") === true;

/**
 * `parse(render(calls)) = calls`: with one call, and with two where the template writes both. `wholly`: and nothing of the
 * turn is left over but its end, which tells a format from one that finds JSON in anything.
 */
export function roundTrips(rendered: RenderedCalls, dialect: Dialect, wholly = false): boolean {
  if (!readsBack(rendered.one, [FIRST_CALL], dialect, wholly)) return false;
  const { two } = rendered;
  if (two === undefined || !two.turn.includes("Oslosentinel") || !two.turn.includes("Bergensentinel"))
    return true;
  return readsBack(two, [FIRST_CALL, SECOND_CALL], dialect, wholly);
}

/** What may follow a turn's calls: tokens that end it. */
const END = /^(?:\s|<\|?[^<>|\s]{1,40}\|?>|<｜[^<>｜]{1,40}｜>|\[\/[A-Z_]+\])*$/;

function readsBack(
  answer: RenderedAnswer | undefined,
  calls: readonly ProbeCall[],
  dialect: Dialect,
  wholly: boolean,
): boolean {
  return (answer?.candidates ?? []).some(({ text, prefill }) => {
    const parsed = parse(text, { format: dialect, tools: PROBE_TOOLS, prefill });
    if (wholly && (!END.test(parsed.content) || hasPair(parsed.content))) return false;
    return (
      parsed.calls.length === calls.length &&
      parsed.calls.every((call, at) => {
        const wanted = calls[at]!;
        return call.name === wanted.name && sameJson(call.arguments, wanted.arguments);
      })
    );
  });
}

/** An opening and its closing tag left over are markers that this format does not know. */
const hasPair = (text: string): boolean => /<([^<>\s/]+)>[\s\S]*<\/\1>/.test(text);
