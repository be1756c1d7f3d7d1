import type { CallSyntax, Dialect, Section } from "../dialects/types.ts";
import { type Entry, Matcher } from "./source.ts";

/** What a marker in the text means. */
export type Mark =
  | { kind: "think"; first?: boolean }
  | { kind: "unthink" }
  | { kind: "drop"; closer?: boolean; text?: boolean }
  /** Opens a call, but only inside a section: here it is text. */
  | { kind: "orphan" }
  | { kind: "header" }
  | { kind: "message-end" }
  | { kind: "section"; section: Section }
  | { kind: "call"; syntaxes: CallSyntax[] };

/** A dialect compiled for reading: one matcher for each state. */
export interface Plan {
  text: Matcher<Mark>;
  thinking: Matcher<Mark>;
  /** Openers that may stand inside a section, and what they open. */
  inSection: { opener: string; syntaxes: CallSyntax[] }[];
  openers: string[];
  /** What may follow a call where it counts only if nothing but calls, or the end, follow. */
  followers: string[];
}

const plans = new WeakMap<Dialect, Plan>();

export function planOf(dialect: Dialect): Plan {
  let plan = plans.get(dialect);
  if (plan === undefined) plans.set(dialect, (plan = compile(dialect)));
  return plan;
}

function compile(dialect: Dialect): Plan {
  const text = new Map<string, Mark>();
  const thinking = new Map<string, Mark>();
  const add = (map: Map<string, Mark>, texts: readonly string[] | undefined, mark: Mark): void => {
    for (const one of texts ?? []) if (!map.has(one)) map.set(one, mark);
  };
  const addCall = (map: Map<string, Mark>, syntax: CallSyntax): void => {
    for (const one of syntax.open) {
      const mark = map.get(one);
      if (mark?.kind === "call") mark.syntaxes.push(syntax);
      else if (mark === undefined) map.set(one, { kind: "call", syntaxes: [syntax] });
    }
  };
  for (const section of dialect.sections ?? []) {
    add(text, section.open, { kind: "section", section });
    if (section.inThinking === true) add(thinking, section.open, { kind: "section", section });
  }
  for (const syntax of dialect.calls) {
    if (syntax.inSection === true) {
      if (syntax.token === true) add(text, syntax.open, { kind: "orphan" });
      continue;
    }
    addCall(text, syntax);
    if (syntax.inThinking === true) addCall(thinking, syntax);
    else if (syntax.token === true) add(thinking, syntax.open, { kind: "orphan" });
  }
  for (const map of [text, thinking]) {
    add(map, dialect.thinking?.open, { kind: "think" });
    add(map, dialect.thinking?.openAtStart, { kind: "think", first: true });
    add(map, dialect.thinking?.close, { kind: "unthink" });
    add(map, dialect.headers?.open, { kind: "header" });
    add(map, dialect.headers?.close, { kind: "message-end" });
    add(map, dialect.drop, { kind: "drop" });
    for (const one of [...dialect.calls, ...(dialect.sections ?? [])])
      add(map, one.close, { kind: "drop", closer: true, text: one.token !== true });
  }
  const openers = new Map<string, CallSyntax[]>();
  for (const syntax of dialect.calls.filter((one) => one.stray !== true))
    for (const opener of syntax.open) openers.set(opener, [...(openers.get(opener) ?? []), syntax]);
  const starts = [
    ...dialect.calls.flatMap((syntax) => (syntax.bare === undefined ? syntax.open : [])),
    ...(dialect.sections ?? []).flatMap((section) => section.open),
  ];
  return {
    text: matcher(text),
    thinking: matcher(thinking),
    inSection: [...openers].map(([opener, syntaxes]) => ({ opener, syntaxes })),
    openers: starts,
    followers: [
      ...starts,
      ...(dialect.drop ?? []),
      ...(dialect.headers?.close ?? []),
      ...(dialect.headers?.open ?? []),
      ...(dialect.thinking?.close ?? []),
    ],
  };
}

function matcher(map: ReadonlyMap<string, Mark>): Matcher<Mark> {
  return new Matcher([...map].map(([text, value]): Entry<Mark> => ({ text, value })));
}
