import { isObject, type JsonValue } from "../../protocol/index.ts";
import { charClass, type Gbnf, literal, repeat, sequence } from "./gbnf.ts";
import { CONTROL, type StringBounds, stringRule, textWithout } from "./strings.ts";

/** How a dialect writes values: JSON, Python literals, or a form with quotes of its own. */
export interface Notation {
  yes: string;
  no: string;
  nil: string;
  /** A key and what stands between it and its value. */
  key(name: string): string;
  /** Any key, with what stands between it and its value. */
  freeKey(g: Gbnf, banned: readonly string[]): string;
  /** A given text as this notation writes it. */
  text(value: string): string;
  /** The rule for a text within bounds. */
  string(g: Gbnf, banned: readonly string[], bounds: StringBounds): string;
  /** Whether strings are JSON's, so that a pattern can be written with JSON's escapes. */
  patterns: boolean;
}

/** JSON text in the one style in which Hearth lets models write it: a space after `,` and `:`, no line breaks. */
export const json: Notation = {
  yes: "true",
  no: "false",
  nil: "null",
  key: (name) => `${JSON.stringify(name)}: `,
  freeKey: (g, banned) => g.rule("key", sequence(stringRule(g, banned, { min: 1, max: 64 }), '": "')),
  text: (value) => JSON.stringify(value),
  string: stringRule,
  patterns: true,
};

/** Python literals: the words differ, and of JSON's escapes only those that Python reads alike are written. */
export const python: Notation = {
  ...json,
  yes: "True",
  no: "False",
  nil: "None",
  string: (g, banned, bounds) => stringRule(g, banned, bounds, g.rule("py-escape", '"\\\\" ["\\\\nrt]')),
  patterns: false,
};

/** Bare keys, and strings between quotes that are special tokens: nothing is escaped in them. */
export function quotedBy(quote: string): Notation {
  return {
    ...json,
    key: (name) => `${name}:`,
    freeKey: (g) => g.rule("key", '[a-zA-Z_] [a-zA-Z0-9_]{0,40} ":"'),
    text: (value) => `${quote}${value}${quote}`,
    string(g, banned, { min = 0, max }) {
      const texts = [...new Set([quote, ...banned])];
      if (min === 0 && max === undefined)
        return g.rule(
          "text",
          sequence(literal(quote), textWithout(g, "chars", texts, literal(quote), [CONTROL])),
        );
      const never = texts.map((text): [number, number] => [
        text.codePointAt(0) ?? 0,
        text.codePointAt(0) ?? 0,
      ]);
      return g.rule(
        "text-n",
        sequence(literal(quote), repeat(charClass([CONTROL, ...never], true), min, max), literal(quote)),
      );
    },
    patterns: false,
  };
}

/** A value as text in a notation. */
export function valueText(value: JsonValue | undefined, as: Notation): string {
  if (Array.isArray(value)) return `[${value.map((item) => valueText(item, as)).join(", ")}]`;
  if (isObject(value)) {
    const fields = Object.entries(value).filter((entry) => entry[1] !== undefined);
    return `{${fields.map(([key, field]) => as.key(key) + valueText(field, as)).join(", ")}}`;
  }
  if (typeof value === "string") return as.text(value);
  if (typeof value === "boolean") return value ? as.yes : as.no;
  return value === null || value === undefined ? as.nil : JSON.stringify(value);
}

/** JSON text in Hearth's style. */
export const jsonText = (value: JsonValue | undefined): string => valueText(value, json);
