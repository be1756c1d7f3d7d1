import { HearthError, type JsonSchema, type ToolSchema } from "../../protocol/index.ts";
import type { CallSyntax, Dialect, Section } from "../dialects/types.ts";
import type { FormatEvent, FormatParser, ParseOptions } from "../types.ts";
import { CallMode } from "./call.ts";
import { ContentMode } from "./content.ts";
import { HeaderMode } from "./header.ts";
import { type Plan, planOf } from "./plan.ts";
import { isSpace, Source } from "./source.ts";
import { startState } from "./start.ts";
import type { Ledger, Mode, State } from "./state.ts";

/** The pushdown machine: modes consume the source, events come out. One for streamed and for whole text. */
export class Machine implements FormatParser, State {
  readonly src = new Source();
  readonly plan: Plan;
  readonly ledger: Ledger = { text: 0, thinking: 0, call: 0, marks: new Map() };
  readonly content: ContentMode;
  mode: Mode;
  /** A call with markers was made: the model knows them, and what looks like a bare call is text. */
  marked = false;
  /** Inside thinking. */
  thinking = false;
  /** Something visible has been said. */
  visible = false;
  /** Calls made so far. */
  index = 0;
  /** Nothing but white space since the last line break. */
  lineBlank = true;
  /** A message header routed the text here: a call counts only where it is all of the message. */
  plain = false;
  /** White space here belongs to the marker before it. */
  atMarker = false;
  /** Something has been said since thinking was entered or left, or a message began. */
  said = false;
  /** Not known yet whether this is thinking or text. */
  undecided = false;
  /** Opening markers that turned out to be text; the next closing ones are text too. */
  unmatched = 0;
  /** Calls that were forgiven their closing marker; it may still come, after some words. */
  owed = 0;
  /** The thinking was opened by the model, and nobody had asked for it. */
  unasked = false;
  /** Reading what the prompt already holds. */
  inPrefill = false;
  /** White space that may belong to a marker. */
  space = "";
  private readonly tools: ReadonlyMap<string, ToolSchema> | undefined;
  private events: FormatEvent[] = [];
  private unsorted = "";
  private piece = "";
  private pieceThinking = false;
  private held: FormatEvent[] | undefined;
  private finished = false;
  /** Where the present stretch of text or thinking began. */
  private stretch = 0;
  private readonly asides = new Set<string>();
  readonly dialect: Dialect;
  readonly options: ParseOptions;

  constructor(dialect: Dialect, options: ParseOptions = {}) {
    this.dialect = dialect;
    this.options = options;
    this.plan = planOf(dialect);
    this.tools =
      options.tools === undefined ? undefined : new Map(options.tools.map((tool) => [tool.name, tool]));
    this.content = new ContentMode();
    this.mode = this.content;
    const start = startState(dialect, options);
    this.thinking = start.thinking;
    this.visible = start.visible;
    this.undecided = start.undecided;
    if (dialect.headers?.atStart === true && !start.visible) this.mode = new HeaderMode("", this);
    if (start.answer !== "") {
      this.inPrefill = true;
      this.src.push(start.answer);
      this.run();
      this.inPrefill = false;
    }
  }

  push(chunk: string): FormatEvent[] {
    if (this.finished) throw new HearthError("The text of this parser has ended; make a new parser.");
    if (chunk !== "") {
      this.src.push(chunk);
      this.run();
    }
    return this.take();
  }

  end(): FormatEvent[] {
    if (!this.finished) {
      this.finished = true;
      const held = this.mode === this.content ? this.src.text.slice(this.src.pos) : "";
      this.src.ended = true;
      this.run();
      this.decide(false);
      if (held !== "")
        this.diagnose(
          "partial-marker",
          `The text ends in ${JSON.stringify(held)}, perhaps the beginning of a marker`,
        );
      this.endSpace();
    }
    return this.take();
  }

  private run(): void {
    while (this.mode.step(this)) {}
  }

  private take(): FormatEvent[] {
    this.flush();
    const { events } = this;
    this.events = [];
    return events;
  }

  private flush(): void {
    if (this.piece === "") return;
    const event: FormatEvent = { type: this.pieceThinking ? "thinking" : "text", text: this.piece };
    this.piece = "";
    this.events.push(event);
  }

  emit(event: FormatEvent): void {
    if (this.held !== undefined) this.held.push(event);
    else {
      this.flush();
      this.events.push(event);
    }
  }

  /** Holds back events until it is known whether they count. */
  hold(): void {
    this.held ??= [];
  }

  release(count: boolean): void {
    const { held } = this;
    this.held = undefined;
    if (count) for (const event of held ?? []) this.emit(event);
  }

  diagnose(code: string, message: string): void {
    this.emit({ type: "diagnostic", code, message, at: this.src.offset });
  }

  /** Text or thinking, as the state has it. White space at the end waits for what follows it. */
  say(text: string): void {
    if (text === "") return;
    let end = text.length;
    while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
    if (end === 0) {
      this.space += text;
      this.noteLine(text);
      return;
    }
    this.put(this.space + text.slice(0, end));
    this.space = text.slice(end);
    this.noteLine(text);
  }

  private noteLine(text: string): void {
    const at = text.lastIndexOf("\n");
    const rest = at < 0 ? text : text.slice(at + 1);
    const blank = rest.trim() === "";
    this.lineBlank = at < 0 ? this.lineBlank && blank : blank;
  }

  /** What was held back was thinking, or was text. */
  decide(thinking: boolean): void {
    if (!this.undecided) return;
    this.undecided = false;
    this.thinking = thinking;
    const unsorted = this.unsorted;
    this.unsorted = "";
    if (unsorted !== "") this.put(unsorted);
  }

  private put(text: string): void {
    if (this.undecided) {
      this.unsorted += text;
      this.said = true;
      return;
    }
    if (this.piece !== "" && this.pieceThinking !== this.thinking) this.flush();
    if (!this.said) this.begin();
    const kept = this.atMarker ? text.trimStart() : text;
    this.atMarker = false;
    this.drop("space", text.length - kept.length);
    this.pieceThinking = this.thinking;
    this.piece += kept;
    if (this.thinking) this.ledger.thinking += kept.length;
    else {
      this.ledger.text += kept.length;
      this.visible = true;
    }
  }

  /** The first text of a stretch: what is unusual about it is said once. */
  private begin(): void {
    this.said = true;
    if (this.thinking && this.unasked && !this.asides.has("unasked-thinking"))
      this.aside("unasked-thinking", "The model thought although reasoning was not asked for");
    if (!this.thinking && this.index > 0 && !this.asides.has("text-after-call"))
      this.aside("text-after-call", "Text goes on after a call");
  }

  private aside(code: string, message: string): void {
    this.asides.add(code);
    this.emit({ type: "diagnostic", code, message, at: this.stretch });
  }

  /** A new stretch of text or thinking begins here. */
  freshen(): void {
    this.said = false;
    this.stretch = this.src.offset;
  }

  /** Counts characters that carry nothing. */
  drop(name: string, length: number): void {
    if (length > 0) this.ledger.marks.set(name, (this.ledger.marks.get(name) ?? 0) + length);
  }

  dropSpace(name: string): void {
    this.drop(name, this.space.length);
    this.space = "";
  }

  /** White space at the end of the answer's text is text; behind a thought or a call it is nothing. */
  private endSpace(): void {
    const { space } = this;
    if (!this.said || this.thinking || space === "") this.dropSpace("space");
    else {
      this.space = "";
      this.put(space);
    }
  }

  toolOf(name: string): ToolSchema | undefined {
    return this.tools?.get(name);
  }

  parametersOf(name: string): JsonSchema {
    return this.toolOf(name)?.parameters ?? {};
  }

  /** The known tool that a name means: as written, without the namespace of functions, or without itself before it. */
  resolve(name: string): string {
    if (this.tools === undefined || this.tools.has(name)) return name;
    const bare = name.replace(/^functions?[.:]/, "").replace(/\.call$/, "");
    if (this.tools.has(bare)) return bare;
    const alias = this.dialect.aliases?.[name];
    if (alias !== undefined && this.tools.has(alias)) return alias;
    const half = name.slice(0, (name.length - 1) / 2);
    return `${half}.${half}` === name && this.tools.has(half) ? half : name;
  }

  /** True where tools are given and this is none of them. */
  isUnknown(name: string): boolean {
    return this.tools !== undefined && !this.tools.has(name);
  }

  get knowsTools(): boolean {
    return this.tools !== undefined;
  }

  /** Enters or leaves thinking; white space around the marker belongs to it. */
  setThinking(on: boolean): void {
    this.decide(!on);
    if (this.thinking === on) return;
    this.dropSpace("space");
    this.thinking = on;
    this.atMarker = true;
    this.freshen();
    this.lineBlank = true;
  }

  openCall(syntaxes: readonly CallSyntax[], opener: string, section?: Section): void {
    this.mode = new CallMode(this, syntaxes, opener, section);
  }
}
