import { CallMode } from "./call.ts";
import { MORE } from "./source.ts";
import type { Mode, State } from "./state.ts";

/** Longest header of a message; a longer one is text. */
const MAX_HEADER = 400;

/** Reads the header of a message and routes its body. */
export class HeaderMode implements Mode {
  private opener: string;
  private readonly first: boolean;

  constructor(opener: string, machine: State) {
    this.opener = opener;
    this.first = machine.src.offset === 0 && opener === "";
  }

  step(machine: State): boolean {
    const { src, dialect } = machine;
    const headers = dialect.headers!;
    let at = src.pos + this.opener.length;
    const limit = Math.min(src.text.length, src.pos + MAX_HEADER);
    for (; at < limit; at++) {
      const end = src.oneOf(headers.end, at);
      if (end === MORE) return false;
      if (typeof end === "string") return this.enter(machine, at, end);
      // A message that closes or opens anew before its header has ended carries nothing.
      const close = src.oneOf(headers.close, at);
      if (close === MORE) return false;
      if (close !== undefined) return this.first ? this.asText(machine) : this.skip(machine, at);
      if (this.first && !headerLike(src.text.slice(src.pos, at + 1))) return this.asText(machine);
    }
    if (src.ended || at - src.pos >= MAX_HEADER) {
      if (this.first || at - src.pos >= MAX_HEADER) return this.asText(machine);
      return this.skip(machine, src.text.length);
    }
    return false;
  }

  private enter(machine: State, at: number, end: string): boolean {
    const { src, dialect } = machine;
    const header = src.text.slice(src.pos, at);
    const raw = header + end;
    const route = dialect.headers!.route(header, end);
    machine.setThinking(false);
    machine.plain = route.to === "text";
    if (route.to === "call") {
      machine.mode = CallMode.routed(machine, raw, route.name, route.id);
      return true;
    }
    src.pos += raw.length;
    machine.atMarker = true;
    machine.freshen();
    machine.drop("header", raw.length);
    if (route.to === "thinking") {
      machine.unasked = machine.options.thinking === false;
      machine.setThinking(true);
    }
    machine.mode = machine.content;
    return true;
  }

  private skip(machine: State, at: number): boolean {
    machine.drop("header", at - machine.src.pos);
    machine.src.pos = at;
    machine.mode = machine.content;
    return true;
  }

  private asText(machine: State): boolean {
    const { src } = machine;
    machine.mode = machine.content;
    machine.thinking = this.first && machine.options.start === "thinking";
    if (this.opener !== "") {
      machine.say(this.opener);
      src.pos += this.opener.length;
    }
    return true;
  }
}

/** Whether a text that starts without a marker may still be the rest of a header: ` to=name<|channel|>…`. */
function headerLike(text: string): boolean {
  return /^\s*(?:$|<|t$|to$|to=)/.test(text) || /^[\w.-]*(?:<|$)/.test(text);
}
