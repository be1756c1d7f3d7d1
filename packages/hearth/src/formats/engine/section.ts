import type { Section } from "../dialects/types.ts";
import { CallMode } from "./call.ts";
import { replay } from "./replay.ts";
import { MORE } from "./source.ts";
import type { State, Wrapper } from "./state.ts";

/** Between the calls of a wrapper. Until its first call is sure, the wrapper itself may still turn out to be prose. */
export class SectionMode implements Wrapper {
  private raw = "";
  private opened = false;
  readonly section: Section;
  readonly opener: string;
  /** A call inside has been made. */
  proven = false;

  constructor(section: Section, opener: string) {
    this.section = section;
    this.opener = opener;
  }

  step(machine: State): boolean {
    const { src } = machine;
    const from = src.pos;
    if (!this.opened) {
      this.opened = true;
      src.pos += this.opener.length;
    }
    const some = src.skipSpace();
    this.raw += src.text.slice(from, src.pos);
    if (!some && !src.ended) return false;
    const close = src.oneOf(this.section.close);
    if (close === MORE) return false;
    if (typeof close === "string") {
      if (!this.proven) return this.giveUp(machine);
      src.pos += close.length;
      this.settle(machine);
      machine.drop(close, close.length);
      machine.mode = machine.content;
      return true;
    }
    const openers = machine.plan.inSection.map((one) => one.opener);
    const opener = src.oneOf(openers);
    if (opener === MORE) return false;
    if (opener === undefined) return this.giveUp(machine);
    const found = machine.plan.inSection.find((one) => one.opener === opener)!;
    machine.mode = new CallMode(machine, found.syntaxes, opener, this.section, this);
    return true;
  }

  /** The text of the wrapper so far, as long as no call inside it is sure. */
  takeRaw(): string {
    const raw = this.raw;
    this.raw = "";
    return raw;
  }

  private settle(machine: State): void {
    machine.drop(this.opener.trim(), this.takeRaw().length);
  }

  private giveUp(machine: State): boolean {
    if (this.proven) {
      this.settle(machine);
      machine.mode = machine.content;
      return true;
    }
    replay(machine, this.raw, this.opener, "section-without-call");
    return true;
  }
}
