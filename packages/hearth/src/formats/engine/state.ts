import type { JsonSchema } from "../../protocol/index.ts";
import type { CallSyntax, Dialect } from "../dialects/types.ts";
import type { FormatEvent, ParseOptions } from "../types.ts";
import type { Plan } from "./plan.ts";
import type { Source } from "./source.ts";

/** One state of the machine. `step` consumes what it can; false: it needs more text, or at the end has nothing left. */
export interface Mode {
  step(machine: State): boolean;
}

/** Where the characters of the input went. Their sum is the length of the input (and of a prefill that is output). */
export interface Ledger {
  text: number;
  thinking: number;
  call: number;
  /** Dropped markers and the white space beside them, by name. */
  marks: Map<string, number>;
}

/** A mode that calls are read for: the wrapper around several. */
export interface Wrapper extends Mode {
  /** A call inside has been made. */
  proven: boolean;
  readonly opener: string;
  /** The text of the wrapper so far, as long as no call inside it is sure. */
  takeRaw(): string;
}

/** What the modes see of the machine. */
export interface State {
  readonly src: Source;
  readonly plan: Plan;
  readonly ledger: Ledger;
  readonly dialect: Dialect;
  readonly options: ParseOptions;
  /** Text and thinking; where every other mode returns to. */
  readonly content: Mode;
  mode: Mode;
  /** A call with markers was made: the model knows them, and what looks like a bare call is text. */
  marked: boolean;
  /** Inside thinking. */
  thinking: boolean;
  /** Something visible has been said. */
  visible: boolean;
  /** Calls made so far. */
  index: number;
  /** Nothing but white space since the last line break. */
  lineBlank: boolean;
  /** A message header routed the text here: a call counts only where it is all of the message. */
  plain: boolean;
  /** White space here belongs to the marker before it. */
  atMarker: boolean;
  /** Something has been said since thinking was entered or left, or a message began. */
  said: boolean;
  /** Not known yet whether this is thinking or text. */
  undecided: boolean;
  /** Opening markers that turned out to be text; the next closing ones are text too. */
  unmatched: number;
  /** Calls that were forgiven their closing marker; it may still come, after some words. */
  owed: number;
  /** The thinking was opened by the model, and nobody had asked for it. */
  unasked: boolean;
  /** Reading what the prompt already holds. */
  readonly inPrefill: boolean;
  readonly knowsTools: boolean;
  emit(event: FormatEvent): void;
  /** Holds back events until it is known whether they count. */
  hold(): void;
  release(count: boolean): void;
  diagnose(code: string, message: string): void;
  /** Text or thinking, as the state has it. White space at the end waits for what follows it. */
  say(text: string): void;
  /** What was held back was thinking, or was text. */
  decide(thinking: boolean): void;
  /** Counts characters that carry nothing. */
  drop(name: string, length: number): void;
  /** A new stretch of text or thinking begins here. */
  freshen(): void;
  /** Enters or leaves thinking; white space around the marker belongs to it. */
  setThinking(on: boolean): void;
  parametersOf(name: string): JsonSchema;
  /** The known tool that a name means. */
  resolve(name: string): string;
  /** True where tools are given and this is none of them. */
  isUnknown(name: string): boolean;
  openCall(syntaxes: readonly CallSyntax[], opener: string): void;
}
