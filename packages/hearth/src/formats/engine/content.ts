import type { CallSyntax } from "../dialects/types.ts";
import { HeaderMode } from "./header.ts";
import type { Mark } from "./plan.ts";
import { SectionMode } from "./section.ts";
import { MORE, NO } from "./source.ts";
import type { Mode, State } from "./state.ts";

/** Text and thinking: passes on everything but markers. */
export class ContentMode implements Mode {
  step(machine: State): boolean {
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
      // What stands before it is said first, so that the verdict does not depend on how the text was cut.
      this.say(machine, at);
      if (!counts(machine, hit.value)) {
        from = at + 1;
        continue;
      }
      this.act(machine, hit.text, hit.value);
      return true;
    }
  }

  private say(machine: State, to: number): void {
    const { src } = machine;
    machine.say(src.text.slice(src.pos, to));
    src.pos = to;
  }

  /** Calls are not to be read: the marker is text, but it ends thinking all the same. */
  private pass(machine: State, text: string): void {
    machine.setThinking(false);
    machine.unmatched++;
    machine.say(text);
    machine.src.pos += text.length;
  }

  private act(machine: State, text: string, mark: Mark): void {
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
        machine.freshen();
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

/** Whether the marker that stands here means something in this state, or is text like any other. */
function counts(machine: State, mark: Mark): boolean {
  switch (mark.kind) {
    case "think":
      if (mark.first === true) return machine.src.offset === 0;
      return machine.thinking ? !machine.said : mayThink(machine);
    case "unthink":
      return machine.thinking || (machine.undecided && !staysText(machine)) || mayDropClose(machine);
    case "orphan":
      machine.unmatched++;
      return false;
    case "drop":
      return mark.closer !== true || dropsCloser(machine, mark.text === true);
    case "section":
      return !machine.plain || machine.thinking || !machine.said;
    case "call":
      return (!machine.plain || machine.thinking || !machine.said) && mayCall(machine, mark.syntaxes[0]!);
    default:
      return true;
  }
}

/** A closing marker of calls on its own: text where its opening one was, dropped where it is a leftover. */
function dropsCloser(machine: State, isText: boolean): boolean {
  if (machine.unmatched > 0) {
    machine.unmatched--;
    return false;
  }
  if (!isText) return true;
  if (machine.owed > 0) {
    machine.owed--;
    return true;
  }
  return machine.index > 0 && !machine.said && !machine.thinking;
}

function mayCall(machine: State, syntax: CallSyntax): boolean {
  if (syntax.bare === undefined) return true;
  if (machine.marked) return false;
  if (syntax.bare === "inline") return true;
  if (syntax.bare === "answer" && (machine.visible || machine.said || machine.index > 0)) return false;
  return machine.lineBlank;
}

function mayThink(machine: State): boolean {
  const thinking = machine.dialect.thinking!;
  if (machine.inPrefill) return true;
  if (thinking.verbatimWhenOff === true && machine.options.thinking === false) return false;
  return thinking.anywhere === true || (!machine.visible && !(machine.undecided && machine.said));
}

/** Nothing was thought before this close, so the thinking was off and the close is what the model wrote. */
function staysText(machine: State): boolean {
  return machine.dialect.thinking!.verbatimWhenOff === true && !machine.said;
}

/** A close without its opening, before anything was said, is a leftover of the template. */
function mayDropClose(machine: State): boolean {
  const thinking = machine.dialect.thinking!;
  if (machine.inPrefill || thinking.token === true) return true;
  if (thinking.closeIsTextWhenOff === true && machine.options.thinking === false) return false;
  if (thinking.verbatimWhenOff === true && machine.options.thinking !== true) return false;
  return !machine.visible;
}
