import { isObject, type JsonObject } from "../../protocol/index.ts";
import { readArguments, textAt } from "../read-json.ts";
import type { EngineEvent } from "../types.ts";
import { JsonEnd } from "./json-end.ts";

interface Slot {
  index: number;
  /** The index the server gave. */
  at: number | undefined;
  id: string;
  name: string;
  text: string;
  scan: JsonEnd;
  started: boolean;
  ended: boolean;
}

/**
 * Puts the pieces of streamed calls together. By the letter an index tells calls apart, and id and name come once; in the
 * field indexes are missing or all 0, ids change from piece to piece, names come late, in parts, or with each piece.
 * A call ends as soon as its arguments are a whole object, so that its tool can start while the model goes on.
 */
export class CallAssembler {
  readonly #slots: Slot[] = [];
  readonly #ids = new Set<string>();

  /** Calls so far. */
  get count(): number {
    return this.#slots.length;
  }

  push(piece: JsonObject, events: EngineEvent[]): void {
    const called = isObject(piece["function"]) ? piece["function"] : piece;
    const name = textAt(called, "name") ?? "";
    const id = textAt(piece, "id") ?? "";
    const given = called["arguments"];
    const whole = isObject(given) ? JSON.stringify(given) : undefined;
    const text = whole ?? (typeof given === "string" ? given : "");
    const at = typeof piece["index"] === "number" ? piece["index"] : undefined;
    if (name === "" && id === "" && text === "") return;

    const slot = this.#slotFor({ at, id, name, text }) ?? this.#open(at, id, events);
    if (slot.ended) return;
    this.#name(slot, name);
    if (slot.id === "" && id !== "" && !this.#ids.has(id)) this.#identify(slot, id);
    this.#write(slot, text, events);
    if (whole !== undefined) this.#end(slot, events);
  }

  /** The answer is over: every call ends, whole or not. */
  end(events: EngineEvent[]): void {
    for (const slot of this.#slots) this.#end(slot, events);
  }

  /** The call a piece goes on with; `undefined` where it begins a new one. */
  #slotFor(piece: { at: number | undefined; id: string; name: string; text: string }): Slot | undefined {
    const { at, id, name } = piece;
    const last = this.#slots.at(-1);
    const known = at === undefined ? last : this.#slots.findLast((slot) => slot.at === at);
    if (known === undefined) {
      // An index never seen before; without a name of its own it can only be a new index for the call being written.
      return name === "" && last !== undefined && (id === "" || id === last.id) ? last : undefined;
    }
    if (at === undefined && id !== "" && id !== known.id) {
      const named = this.#slots.find((slot) => slot.id === id);
      if (named !== undefined) return named;
    }
    if (name === "") return known;
    return this.#begins(known, piece) ? undefined : known;
  }

  /** Whether a named piece for a known place is a further call. */
  #begins(known: Slot, { id, name, text }: { id: string; name: string; text: string }): boolean {
    const otherId = id !== "" && known.id !== "" && id !== known.id;
    const otherName = known.name !== "" && name !== known.name;
    // Some servers repeat the whole call in their last chunk.
    if (known.ended) return otherId || otherName || (text.trimStart().startsWith("{") && text !== known.text);
    if (known.scan.complete) return otherId || otherName || text.trim() === "{}";
    // Before the arguments another name may be the rest of it; after, it can't.
    return otherName && (otherId || known.text !== "");
  }

  #open(at: number | undefined, id: string, events: EngineEvent[]): Slot {
    const last = this.#slots.at(-1);
    if (last !== undefined) this.#end(last, events);
    const slot: Slot = {
      index: this.#slots.length,
      at,
      id: "",
      name: "",
      text: "",
      scan: new JsonEnd(),
      started: false,
      ended: false,
    };
    if (id !== "" && !this.#ids.has(id)) this.#identify(slot, id);
    this.#slots.push(slot);
    return slot;
  }

  #identify(slot: Slot, id: string): void {
    slot.id = id;
    this.#ids.add(id);
  }

  /** A name comes once, again with each piece, growing, or in parts; parts only before the arguments. */
  #name(slot: Slot, name: string): void {
    if (name === "" || name === slot.name || slot.started) return;
    slot.name = name.startsWith(slot.name) ? name : slot.name + name;
  }

  #write(slot: Slot, text: string, events: EngineEvent[]): void {
    slot.text += text;
    slot.scan.push(text);
    if (slot.name === "" || slot.text === "") return;
    if (!slot.started) this.#start(slot, events);
    else if (text !== "") events.push({ type: "call.delta", index: slot.index, text });
    // `{}` may be a place holder that the arguments follow, so an empty object does not end a call.
    if (slot.scan.complete && slot.scan.filled) this.#end(slot, events);
  }

  #start(slot: Slot, events: EngineEvent[]): void {
    const { index, name, text, id } = slot;
    slot.started = true;
    events.push({ type: "call.start", index, name, ...(id === "" ? {} : { id }) });
    if (text !== "") events.push({ type: "call.delta", index, text });
  }

  #end(slot: Slot, events: EngineEvent[]): void {
    if (slot.ended) return;
    if (!slot.started) this.#start(slot, events);
    slot.ended = true;
    const { index, name, id } = slot;
    const argumentsText =
      slot.scan.placeholder === undefined ? slot.text : slot.text.slice(slot.scan.placeholder);
    const args = readArguments(argumentsText);
    events.push({
      type: "call.end",
      index,
      name,
      argumentsText,
      ...(id === "" ? {} : { id }),
      ...(args === undefined ? {} : { arguments: args }),
    });
  }
}
