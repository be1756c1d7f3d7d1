import type { GemmaBody, JsonBody, NamedBody, NestedBody, PythonBody, TaggedBody } from "./bodies.ts";

/** How one call is written after its opening marker. Where several are given, the first one that fits the text is taken. */
export type Body = JsonBody | NamedBody | TaggedBody | NestedBody | PythonBody | GemmaBody;

/** One way to write calls: what opens, what closes, what stands between. */
export interface CallSyntax {
  /** Spellings of the opening marker, the canonical one first. */
  open: readonly string[];
  /** Spellings of the closing marker; none: the call ends with its value. A missing one is forgiven. */
  close: readonly string[];
  /** Alternative bodies, tried in this order by what follows the marker. */
  body: readonly Body[];
  /** The markers are special tokens of the model, which don't come up in prose: a call of an unknown tool is reported as such. */
  token?: boolean;
  /** No marker of its own, the text begins with the value: only at the start of a line (`line`), of the answer (`answer`), or anywhere (`inline`), and only for known tools where tools are given. */
  bare?: "line" | "answer" | "inline";
  /** The opening marker is the beginning of the body's own tag and is read with it. */
  own?: boolean;
  /** The model calls inside thinking it has not closed; the call ends the thinking. Only for known tools. */
  inThinking?: boolean;
  /** Only inside a section. */
  inSection?: boolean;
  /** The closing marker is written now and then only; its absence is not worth a word. */
  closeOptional?: boolean;
  /** How a call looks whose opening marker was left out; said in a diagnostic. */
  stray?: boolean;
  /** Only where tools are given, and only calls of those: what a model writes when it forgets its markers. */
  known?: boolean;
  /** What to do with a call of a tool that is not known: `text` leaves it prose whatever follows. Default: a call when nothing but calls follow. */
  unknown?: "text";
}

/** A wrapper around several calls. */
export interface Section {
  open: readonly string[];
  close: readonly string[];
  token?: boolean;
  inThinking?: boolean;
}

export interface ThinkingSyntax {
  open: readonly string[];
  close: readonly string[];
  /** Whether the answer begins inside thinking when reasoning is on (the template has opened it). Default false. */
  opened?: boolean;
  /** Whether reasoning is on where the caller does not say. Default: same as `opened`. */
  defaultOn?: boolean;
  /** Spellings that count only as the first thing in the answer. */
  openAtStart?: readonly string[];
  /** Thinking may begin anywhere, not only before the answer's text. Default false. */
  anywhere?: boolean;
  /** The markers are special tokens: a stray closing one is dropped wherever it stands. */
  token?: boolean;
  /** With reasoning off, the markers are ordinary text. Default: they are recognised at the start of the answer. */
  verbatimWhenOff?: boolean;
  /** With reasoning off, a close at the start of the answer is text; default: dropped as a leftover. */
  closeIsTextWhenOff?: boolean;
  /** The answer goes on in thinking after a tool result when reasoning is on. */
  afterToolResult?: boolean;
}

/** Answers made of messages with a header: `<|channel|>analysis<|message|>`. */
export interface HeaderSyntax {
  /** What opens a header. */
  open: readonly string[];
  /** What ends a header; the body follows. */
  end: readonly string[];
  /** What ends a body. */
  close: readonly string[];
  /** The answer begins inside a header (the prompt ended with its opening). */
  atStart: boolean;
  /** The markers are no special tokens: a message for an unknown tool is text. */
  prose?: boolean;
  /** Where a message goes, by its header's text and the marker that ended it. */
  route(header: string, end: string): Route;
}

/** `call`: the body holds a call, or where the header names the tool its arguments; `calls`: calls in this dialect's own syntax. */
export type Route =
  | { to: "text" | "thinking" | "drop" }
  | { to: "call"; name?: string; id?: string }
  | { to: "calls" };

/** One format: everything the engine, the detection, the grammar and the documentation know of it. */
export interface Dialect {
  /** Stable name: `hermes`, `qwen3-coder`, … */
  id: string;
  /** Model families that write it, as people call them. */
  models: readonly string[];
  calls: readonly CallSyntax[];
  sections?: readonly Section[];
  thinking?: ThinkingSyntax;
  headers?: HeaderSyntax;
  /** The body of a message that is routed to a call. */
  headerBody?: Body;
  /** Markers that carry no meaning for the reader and are dropped: ends of turn, wrappers of the answer. */
  drop?: readonly string[];
  /** Special tokens to neutralise in untrusted text, beside all markers. */
  tokens?: readonly string[];
  /** Literal texts of a chat template that tell this dialect; each group must be present as a whole. */
  needles: readonly (readonly string[])[];
  /** Names by which the model calls tools that are called otherwise; used where only the other one is known. */
  aliases?: Readonly<Record<string, string>>;
  /** What opens the assistant's turn in a prompt, beside the common ones. */
  answerHeaders?: readonly string[];
  /** The prompt ends without any header: all of a given prefill is the beginning of the answer. */
  bareAnswer?: boolean;
  /** One call of `get_weather` with `{"city":"Oslo"}` as the model writes it; read back by the tests. */
  sample: string;
}

/** Every literal marker of a dialect, canonical spellings first. */
export function markersOf(dialect: Dialect): string[] {
  const seen = new Set<string>();
  const add = (list: readonly string[] | undefined): void => {
    for (const marker of list ?? []) if (marker.trim().length > 1) seen.add(marker);
  };
  for (const section of dialect.sections ?? []) for (const list of [section.open, section.close]) add(list);
  for (const call of dialect.calls) {
    if (call.bare === undefined) add(call.open);
    add(call.close);
    for (const body of call.body) {
      if (body.kind !== "tagged") continue;
      add(body.call?.open);
      add(body.call?.close);
      add(body.param.open);
      add(body.param.close);
    }
  }
  add(dialect.thinking?.open);
  add(dialect.thinking?.close);
  add(dialect.headers?.open);
  add(dialect.headers?.end);
  add(dialect.headers?.close);
  add(dialect.drop);
  return [...seen];
}
