import { HeaderMode } from "./header.ts";
import type { Machine, Mode } from "./machine.ts";
import type { Mark } from "./plan.ts";
import { SectionMode } from "./section.ts";
import { isSpace, MORE, NO } from "./source.ts";

/** Text and thinking: passes on everything but markers. */
export class ContentMode implements Mode {
  step(machine: Machine): boolean {
    const { src, plan } = machine;
    const matcher = machine.thinking ? plan.thinking : plan.text;
    let from = src.pos;
    while (true) {
      const look = matcher.find(src.text, from, src.ended);
      const { at } = matcher;
      if (look === NO) {
        this.say(machine, src.text.length);
        return false;
      }
      if (look === MORE) {
        this.say(machine, at);
        return false;
      }
      const hit = matcher.hit!;
      if (!this.counts(machine, hit.value, at)) {
        from = at + 1;
        continue;
      }
      this.say(machine, at);
      this.act(machine, hit.text, hit.value);
      return true;
    }
  }

  private say(machine: Machine, to: number): void {
    const { src } = machine;
    machine.say(src.text.slice(src.pos, to));
    src.pos = to;
  }

  /** Whether the marker means something in this state, or is text like any other. */
  private counts(machine: Machine, mark: Mark, at: number): boolean {
    if (mark.kind === "think" && mark.first === true)
      return !machine.visible && machine.index === 0 && machine.src.offset + at - machine.src.pos === 0;
    if (mark.kind === "think") return machine.thinking ? atStart(machine, at) : mayThink(machine, at);
    if (mark.kind === "unthink")
      return machine.thinking || (machine.undecided && !staysText(machine, at)) || mayDropClose(machine, at);
    if (machine.plain && !machine.thinking && (mark.kind === "call" || mark.kind === "section"))
      return atStart(machine, at);
    if (mark.kind === "orphan") {
      machine.unmatched++;
      return false;
    }
    if (mark.kind === "drop" && mark.closer === true && machine.unmatched > 0) {
      machine.unmatched--;
      return false;
    }
    if (mark.kind !== "call") return true;
    const { bare } = mark.syntaxes[0]!;
    if (bare === undefined) return true;
    if (machine.marked) return false;
    if (bare === "inline") return true;
    if (bare === "answer" && (machine.visible || machine.index > 0 || !isBlank(machine, at))) return false;
    return lineBlankAt(machine, at);
  }

  /** Calls are not to be read: the marker is text, but it ends thinking all the same. */
  private pass(machine: Machine, text: string): void {
    machine.setThinking(false);
    machine.unmatched++;
    machine.say(text);
    machine.src.pos += text.length;
  }

  private act(machine: Machine, text: string, mark: Mark): void {
    const { src } = machine;
    switch (mark.kind) {
      case "think":
        machine.decide(false);
        src.pos += text.length;
        machine.drop(text, text.length);
        machine.unasked = !machine.inPrefill && !machine.thinking && machine.options.thinking !== true;
        machine.setThinking(true);
        return;
      case "unthink":
        src.pos += text.length;
        machine.drop(text, text.length);
        machine.setThinking(false);
        return;
      case "orphan":
        return;
      case "drop":
        src.pos += text.length;
        machine.drop(text, text.length);
        return;
      case "message-end":
        src.pos += text.length;
        machine.drop(text, text.length);
        machine.setThinking(false);
        machine.plain = false;
        machine.said = false;
        return;
      case "header":
        machine.mode = new HeaderMode(text, machine);
        return;
      case "section":
        if (machine.options.calls === false) this.pass(machine, text);
        else machine.mode = new SectionMode(mark.section, text);
        return;
      case "call":
        if (machine.options.calls === false) this.pass(machine, text);
        else machine.openCall(mark.syntaxes, text);
    }
  }
}

/** Nothing said yet in this stretch of text or thinking. */
function atStart(machine: Machine, at: number): boolean {
  return !machine.said && isBlank(machine, at);
}

function isBlank(machine: Machine, at: number): boolean {
  const { src } = machine;
  for (let i = src.pos; i < at; i++) if (!isSpace(src.text.charCodeAt(i))) return false;
  return true;
}

function lineBlankAt(machine: Machine, at: number): boolean {
  const { src } = machine;
  for (let i = at - 1; i >= src.pos; i--) {
    const code = src.text.charCodeAt(i);
    if (code === 10) return true;
    if (!isSpace(code)) return false;
  }
  return machine.lineBlank;
}

function mayThink(machine: Machine, at: number): boolean {
  const thinking = machine.dialect.thinking!;
  if (machine.inPrefill) return true;
  if (thinking.verbatimWhenOff === true && machine.options.thinking === false) return false;
  return thinking.anywhere === true || (!machine.visible && isBlank(machine, at));
}

/** Nothing was thought before this close, so the thinking was off and the close is what the model wrote. */
function staysText(machine: Machine, at: number): boolean {
  return machine.dialect.thinking!.verbatimWhenOff === true && atStart(machine, at);
}

/** A close without its opening, before anything was said, is a leftover of the template. */
function mayDropClose(machine: Machine, at: number): boolean {
  const thinking = machine.dialect.thinking!;
  if (machine.inPrefill || thinking.token === true) return true;
  if (thinking.closeIsTextWhenOff === true && machine.options.thinking === false) return false;
  if (thinking.verbatimWhenOff === true && machine.options.thinking !== true) return false;
  return !machine.visible && isBlank(machine, at);
}
