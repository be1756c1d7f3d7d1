import type { JsonSchema } from "../../protocol/index.ts";
import type { CallSyntax, Section } from "../dialects/types.ts";
import { TextBuilder } from "./builder.ts";
import { readClosing } from "./closing.ts";
import { chooseReader, readerFor } from "./readers/choose.ts";
import type { Reader, Sink } from "./readers/reader.ts";
import { CallRecord } from "./record.ts";
import { replay } from "./replay.ts";
import { type Look, MORE, NO, YES } from "./source.ts";
import type { Mode, State, Wrapper } from "./state.ts";
import { endsThinking } from "./verdicts.ts";

const CHOOSE = 0;
const READ = 1;
const CLOSE = 2;
const RECOVER = 3;
const VERDICT = 4;
const REFUSED = 5;

/** Reads what follows the opening marker of a call. Until a name is sure, all of it may still turn out to be prose. */
export class CallMode implements Mode, Sink {
  closers: readonly string[];
  private phase = CHOOSE;
  private syntax: CallSyntax;
  private reader: Reader | undefined;
  private readonly raw = new TextBuilder();
  private stepFrom = 0;
  /** Characters of `raw` that belong to calls already made. */
  private done = 0;
  private calls = 0;
  private readonly call = new CallRecord();
  private held = false;
  private tentative = false;
  private bracketed = false;
  /** Text of the section before its first call. */
  private prefix = "";
  private ended = false;
  /** What opens the next message, and so ends this one without being part of it. */
  private follow: readonly string[] = [];
  private readonly onLine: boolean;
  private readonly machine: State;
  private readonly syntaxes: readonly CallSyntax[];
  private readonly opener: string;
  private readonly section: Section | undefined;
  private readonly parent: Wrapper | undefined;

  constructor(
    machine: State,
    syntaxes: readonly CallSyntax[],
    opener: string,
    section?: Section,
    parent?: Wrapper,
  ) {
    this.machine = machine;
    this.syntaxes = syntaxes;
    this.syntax = syntaxes[0]!;
    this.opener = opener;
    this.section = section;
    this.parent = parent;
    this.closers = this.closing();
    this.onLine = machine.lineBlank;
    if (this.syntax.bare === undefined && this.syntax.own !== true) {
      machine.src.pos += opener.length;
      this.raw.add(opener);
    }
  }

  /** A message whose header says that its body holds a call, or the arguments of the call it names. */
  static routed(machine: State, header: string, name: string | undefined, id: string | undefined): CallMode {
    const { headers, headerBody } = machine.dialect;
    const { open, close } = headers!;
    const body = headerBody ?? { kind: "json" as const };
    const mode = new CallMode(
      machine,
      [
        {
          open: [header],
          close: close.filter((one) => !open.includes(one)),
          closeOptional: true,
          body: [body],
          token: headers!.prose !== true,
          inThinking: true,
        },
      ],
      header,
    );
    mode.follow = open;
    mode.closers = mode.closing();
    if (name === undefined) return mode;
    mode.reader = readerFor(body, name);
    mode.phase = mode.start(name, id) ? READ : REFUSED;
    return mode;
  }

  private closing(): string[] {
    return [...this.syntax.close, ...(this.section?.close ?? []), ...this.follow];
  }

  get started(): boolean {
    return this.call.started;
  }

  get openers(): readonly string[] {
    return this.machine.plan.openers;
  }

  get knowsTools(): boolean {
    return this.machine.knowsTools;
  }

  step(machine: State): boolean {
    const { src } = machine;
    this.stepFrom = src.pos;
    const look = this.advance();
    this.raw.add(src.text.slice(this.stepFrom, src.pos));
    this.stepFrom = src.pos;
    if (look === MORE) {
      if (!src.ended) return false;
      return this.atEnd();
    }
    return look === YES ? true : this.fault();
  }

  private advance(): Look {
    const { src } = this.machine;
    if (this.phase === CHOOSE) return this.choose();
    if (this.phase === READ) {
      const look = this.reader!.step(src, this);
      if (look === YES) this.phase = CLOSE;
      return look;
    }
    if (this.phase === CLOSE) return this.close();
    if (this.phase === REFUSED) return NO;
    if (this.phase === RECOVER) return this.recover();
    return this.verdict();
  }

  private choose(): Look {
    const { src } = this.machine;
    if (!src.skipSpace()) return MORE;
    const chosen = chooseReader(src, this.syntaxes, this.machine.knowsTools);
    if (chosen === MORE || chosen === NO) return chosen;
    this.syntax = chosen.syntax;
    this.reader = chosen.reader;
    this.closers = this.closing();
    this.phase = READ;
    return YES;
  }

  start(written: string, id?: string): boolean {
    const { machine, syntax } = this;
    const name = machine.resolve(written);
    if (syntax.known === true && (!machine.knowsTools || machine.isUnknown(name))) return false;
    if (machine.plain && !machine.thinking) {
      // In a message for the user a call counts only where the tool is known and nothing else stands there.
      if (!machine.knowsTools || machine.isUnknown(name)) return false;
      this.keep();
    } else if (machine.isUnknown(name)) {
      const never = machine.options.rescue === true || (machine.options.unknown ?? syntax.unknown) === "text";
      if (never || machine.thinking || syntax.bare !== undefined) return false;
      if (syntax.token !== true && !this.onLine) return false;
      // Whether this is a call gone wrong or an example in prose, what follows it will tell.
      this.keep();
    } else if (!machine.knowsTools && machine.thinking && syntax.bare !== undefined) return false;
    if (syntax.bare !== undefined && !machine.knowsTools && !this.held) {
      // Without tools or markers only the whole tells whether this is a call.
      this.tentative = true;
      this.keep();
    }
    // A thought may hold an example; what follows the call tells it from a call.
    if (machine.thinking && machine.said) this.keep();
    if (!this.held) this.commit();
    if (name !== written) this.call.repair("tool-name");
    const early = this.call.begin(name, id);
    machine.emit(this.call.startEvent(machine.index));
    if (machine.isUnknown(name)) machine.diagnose("unknown-tool", `There is no tool ${JSON.stringify(name)}`);
    this.delta(early);
    return true;
  }

  /** Holds the call's events back until it is sure that it is one. */
  private keep(): void {
    this.held = true;
    this.machine.hold();
  }

  /** A call it is: what was written around it is markup, and thinking ends here. */
  private commit(): void {
    const { machine, syntax, parent } = this;
    if (parent !== undefined) {
      parent.proven = true;
      this.prefix = parent.takeRaw();
      machine.drop(parent.opener.trim(), this.prefix.length);
    }
    machine.decide(endsThinking(machine.dialect, syntax));
    machine.setThinking(false);
    machine.marked ||= syntax.bare === undefined;
    if (syntax.stray === true && this.calls === 0)
      machine.diagnose("missing-open", `A call without its opening marker`);
  }

  delta(json: string): void {
    if (json === "" || !this.call.add(json)) return;
    this.machine.emit({ type: "call.delta", index: this.machine.index, text: json });
  }

  repair(name: string): void {
    this.call.repair(name);
  }

  finish(): void {
    const event = this.call.endEvent(this.machine.index);
    if (event === undefined) this.abandon();
    else {
      this.machine.emit(event);
      this.next();
    }
  }

  abandon(): void {
    if (this.started) this.broken("malformed");
    else {
      this.call.clear();
      this.machine.diagnose("malformed-call", "A call whose name or arguments can't be read was left out");
      this.done = this.raw.length + this.machine.src.pos - this.stepFrom;
    }
  }

  parameters(name: string): JsonSchema {
    return this.machine.parametersOf(name);
  }

  private broken(why: "truncated" | "malformed"): void {
    const { machine } = this;
    const { name } = this.call;
    const raw = (this.raw.toString() + machine.src.text.slice(this.stepFrom, machine.src.pos)).slice(
      this.done,
    );
    const whole = this.calls === 0 ? this.prefix + raw : raw;
    machine.emit({ type: "call.broken", index: machine.index, name, why, raw: whole });
    const said = why === "truncated" ? "was cut off by the end of the text" : "can't be read";
    machine.diagnose(`${why}-call`, `The call of ${JSON.stringify(name)} ${said}`);
    this.next();
  }

  private next(): void {
    const { machine } = this;
    machine.index++;
    machine.freshen();
    this.calls++;
    this.call.clear();
    this.done = this.raw.length + machine.src.pos - this.stepFrom;
  }

  /** The body has ended: its closing marker, or forgiveness. */
  private close(): Look {
    const { machine, syntax } = this;
    const closing = readClosing(machine.src, syntax, this.section, this.openers);
    if (closing === MORE) return MORE;
    if (closing === "dress") return YES;
    if (closing === "bracket") {
      if (!this.bracketed)
        machine.diagnose("stray-bracket", "Brackets after the arguments of a call were dropped");
      this.bracketed = true;
      return YES;
    }
    if (closing === "missing") {
      machine.diagnose("missing-close", `A call without its ${JSON.stringify(syntax.close[0])}`);
      machine.owed++;
    }
    if (this.tentative) this.settle(true);
    else if (this.held) this.phase = VERDICT;
    else this.leave();
    return YES;
  }

  /** A fault after the name was given out: skip to the end of this call. */
  private recover(): Look {
    const { src } = this.machine;
    const stops = [...this.closers, ...this.openers];
    while (src.pos < src.text.length) {
      const stop = src.oneOf(stops);
      if (stop === MORE) return MORE;
      if (typeof stop === "string") {
        if (this.syntax.close.includes(stop)) src.pos += stop.length;
        this.broken("malformed");
        if (this.held) this.phase = VERDICT;
        else this.leave();
        return YES;
      }
      src.pos++;
    }
    return MORE;
  }

  /** A call of an unknown tool counts when nothing but the end or more calls follow; amid prose it is prose. */
  private verdict(): Look {
    const { machine } = this;
    const { src } = machine;
    if (!src.skipSpace()) return MORE;
    const close = src.oneOf(this.section?.close ?? []);
    if (close === MORE) return MORE;
    const at = src.afterSpace(src.pos + (close ?? "").length);
    if (at >= src.text.length && !src.ended) return MORE;
    const next = src.oneOf(machine.plan.followers, at);
    if (next === MORE) return MORE;
    this.settle(next !== undefined || at >= src.text.length);
    return YES;
  }

  private settle(count: boolean): void {
    const { machine } = this;
    this.raw.add(machine.src.text.slice(this.stepFrom, machine.src.pos));
    this.stepFrom = machine.src.pos;
    this.held = false;
    if (count) {
      this.commit();
      machine.release(true);
      this.leave();
      return;
    }
    machine.release(false);
    machine.index -= this.calls;
    machine.mode = machine.content;
    machine.diagnose(
      "call-amid-prose",
      `What looks like a call of ${JSON.stringify(this.call.name)} amid prose stays text`,
    );
    machine.say((this.parent?.takeRaw() ?? "") + this.raw.toString());
    this.raw.clear();
  }

  private leave(): void {
    const { machine } = this;
    this.ended = true;
    machine.lineBlank = true;
    if (machine.mode === this) machine.mode = this.parent ?? machine.content;
    const length = this.raw.length + machine.src.pos - this.stepFrom;
    machine.ledger.call += length;
  }

  /** Not a call after all, or a call that can't be used. */
  private fault(code = "marker-without-call"): boolean {
    const { machine } = this;
    if (this.ended) return true;
    if (this.started && !this.tentative) {
      this.phase = RECOVER;
      return true;
    }
    if (this.calls > 0 && !this.started) {
      // Calls were made; what follows them is text.
      if (this.held) this.settle(this.tentative || machine.src.ended);
      else this.leave();
      return true;
    }
    if (this.held) {
      machine.release(false);
      machine.index -= this.calls;
    }
    const raw = (this.parent?.takeRaw() ?? "") + this.raw.toString();
    const opener = this.parent === undefined || this.parent.proven ? this.opener : this.parent.opener;
    replay(machine, raw, opener, this.syntax.bare === undefined ? code : undefined);
    return true;
  }

  private atEnd(): boolean {
    const { machine } = this;
    if (this.phase === VERDICT) {
      this.settle(true);
      return true;
    }
    if (this.phase === CLOSE) {
      if (this.syntax.close.length > 0 && this.syntax.closeOptional !== true)
        machine.diagnose("missing-close", `The text ended before ${JSON.stringify(this.syntax.close[0])}`);
      if (this.held) this.settle(true);
      else this.leave();
      return true;
    }
    if (!this.started || this.tentative) return this.fault("truncated-call");
    this.broken(this.phase === RECOVER ? "malformed" : "truncated");
    if (this.held) this.settle(true);
    else this.leave();
    return true;
  }
}
