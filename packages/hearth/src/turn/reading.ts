import type { FormatEvent, FormatParser } from "../formats/types.ts";
import type { RawCall, TurnEvent } from "./types.ts";

/**
 * Turns what a parser reads out of text into turn events. Calls read here get indexes of their own, so that
 * they can't collide with those an engine reports beside them.
 */
export class TextReader {
  readonly #parser: FormatParser;
  readonly #firstIndex: number;
  readonly #texts = new Map<number, string>();
  /** Calls read out of the text so far. */
  calls = 0;

  constructor(parser: FormatParser, firstIndex = 0) {
    this.#parser = parser;
    this.#firstIndex = firstIndex;
  }

  /** Adds to `out` what is read so far. */
  push(chunk: string, out: TurnEvent[]): void {
    for (const event of this.#parser.push(chunk)) out.push(this.#one(event));
  }

  end(out: TurnEvent[]): void {
    for (const event of this.#parser.end()) out.push(this.#one(event));
  }

  #one(event: FormatEvent): TurnEvent {
    if (event.type === "text" || event.type === "thinking") return event;
    if (event.type === "diagnostic") {
      return { type: "diagnostic", code: event.code, message: event.message };
    }
    const index = this.#firstIndex + event.index;
    if (event.type === "call.start") {
      this.#texts.set(index, "");
      return { ...event, index };
    }
    if (event.type === "call.delta") {
      this.#texts.set(index, (this.#texts.get(index) ?? "") + event.text);
      return { ...event, index };
    }
    this.calls++;
    const call: RawCall = {
      type: "call",
      index,
      name: event.name,
      text: this.#texts.get(index) ?? "",
      repairs: [],
    };
    if (this.#firstIndex > 0) call.rescued = true;
    this.#texts.delete(index);
    if (event.type === "call.end") {
      call.arguments = event.arguments;
      call.repairs = event.repairs ?? [];
      if (event.id !== undefined) call.id = event.id;
      return call;
    }
    call.text = event.raw;
    if (event.why === "truncated") call.truncated = true;
    return call;
  }
}
