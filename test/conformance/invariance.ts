import { createParser, cut, type ParseInput } from "../../packages/hearth/src/formats/parse.ts";
import type { FormatEvent, FormatParser } from "../../packages/hearth/src/formats/types.ts";

/** Sizes in UTF-16 units; `Infinity` is the whole text. */
export const CHUNKINGS: readonly number[] = [1, 2, 3, 4, 5, 7, 11, 64, Number.POSITIVE_INFINITY];

/** All events, neighbours of one kind joined: what must not depend on how the text came. */
export function eventsOf(pieces: Iterable<string>, input: ParseInput): string {
  const { format, chunks: _, ...options } = input;
  return joined(drive(createParser(format, options), pieces));
}

export function* drive(parser: FormatParser, pieces: Iterable<string>): Iterable<FormatEvent> {
  for (const piece of pieces) yield* parser.push(piece);
  yield* parser.end();
}

export function joined(events: Iterable<FormatEvent>): string {
  const out: FormatEvent[] = [];
  for (const event of events) {
    const last = out.at(-1);
    if ((event.type === "text" || event.type === "thinking") && last?.type === event.type)
      last.text += event.text;
    else if (event.type === "call.delta" && last?.type === "call.delta" && last.index === event.index)
      last.text += event.text;
    else out.push({ ...event });
  }
  return JSON.stringify(out);
}

/** The first way of cutting the text that gives other events than the whole text; undefined where there is none. */
export function firstDifference(text: string, input: ParseInput, splits: boolean): string | undefined {
  const whole = eventsOf([text], input);
  for (const size of CHUNKINGS) {
    const events = eventsOf(size === Number.POSITIVE_INFINITY ? [text] : cut(text, size), input);
    if (events !== whole) return `chunks of ${size}\n${whole}\n${events}`;
  }
  for (let at = 1; splits && at < text.length; at++) {
    const events = eventsOf([text.slice(0, at), text.slice(at)], input);
    if (events !== whole)
      return `split at ${at} ${JSON.stringify(text.slice(Math.max(0, at - 20), at))}\n${whole}\n${events}`;
  }
  return undefined;
}
