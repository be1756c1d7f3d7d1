import { TemplateError, typeError, valueError } from "../errors.ts";
import { checkChars } from "../limits.ts";
import { joinText, justify, replace, strip } from "../text/methods.ts";
import { percent } from "../text/percent.ts";
import { pformat } from "../text/pprint.ts";
import { capitalize, pointLength, points, splitLines } from "../text/unicode.ts";
import { wrapText } from "../text/wrap.ts";
import { index } from "../values/numbers.ts";
import { escapeHtml, iterate, length, toList, truth, tryIterate } from "../values/operators.ts";
import { repr, str, typeName } from "../values/repr.ts";
import { Dict, Markup, Tuple, textOf, Undefined, type Value } from "../values/types.ts";
import { argumentError, attributeGetter, type Filter, given, soft, table } from "./define.ts";
import { urlize } from "./urlize.ts";

const escaped = (value: Value): Markup =>
  value instanceof Markup ? value : new Markup(escapeHtml(str(value)));

function text(value: Value | undefined, what: string): string {
  const found = value === undefined ? undefined : textOf(value);
  if (found === undefined) throw typeError(`${what} must be a str, not ${typeName(value ?? null)}`);
  return found;
}

function title(value: string): string {
  return value
    .split(/([-\s({[<]+)/)
    .filter((part) => part !== "")
    .map((part) => {
      const [first = ""] = part;
      return first.toUpperCase() + part.slice(first.length).toLowerCase();
    })
    .join("");
}

function indent(
  value: Value,
  width: Value | undefined,
  first: Value | undefined,
  blank: Value | undefined,
): Value {
  const indention =
    width === undefined ? "    " : (textOf(width) ?? " ".repeat(Math.max(0, checked(index(width)))));
  const source = textOf(value);
  if (source === undefined)
    throw value instanceof Undefined
      ? new TemplateError("undefined", value.message)
      : typeError(`unsupported operand type(s) for +=: '${typeName(value)}' and 'str'`);
  const lines = splitLines(`${source}\n`);
  checkChars(source.length + lines.length * indention.length);
  const [head = "", ...rest] = lines;
  const all = truth(blank ?? false);
  const body = [head, ...rest.map((line) => (all || line !== "" ? indention + line : line))].join("\n");
  const out = truth(first ?? false) ? indention + body : body;
  return value instanceof Markup ? new Markup(out) : out;
}

function checked(size: number): number {
  checkChars(size);
  return size;
}

function truncate(value: Value, ...[size, kill, end, leeway]: (Value | undefined)[]): Value {
  const limit = size === undefined ? 255 : index(size);
  const tail = end === undefined ? "..." : text(end, "end");
  const slack = given(leeway) ? index(leeway) : 5;
  if (limit < pointLength(tail))
    throw new TemplateError("assertion", `expected length >= ${pointLength(tail)}, got ${limit}`);
  if (slack < 0) throw new TemplateError("assertion", `expected leeway >= 0, got ${slack}`);
  if (length(value) <= limit + slack) return value;
  const source = points(text(value, "value"));
  const cut = source.slice(0, limit - pointLength(tail)).join("");
  if (truth(kill ?? false)) return cut + tail;
  const space = cut.lastIndexOf(" ");
  return (space < 0 ? cut : cut.slice(0, space)) + tail;
}

function urlQuote(value: Value, form: boolean): string {
  const quoted = encodeURIComponent(str(value).toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return form ? quoted.replaceAll("%20", "+") : quoted.replaceAll("%2F", "/");
}

function urlEncode(value: Value): string {
  if (textOf(value) !== undefined || tryIterate(value) === undefined) return urlQuote(value, false);
  const pairs = value instanceof Dict ? value.entries() : toList(value).map((pair) => toList(pair));
  return pairs
    .map((pair) => {
      if (pair.length !== 2) throw valueError("not enough values to unpack (expected 2)");
      return `${urlQuote(pair[0]!, true)}=${urlQuote(pair[1]!, true)}`;
    })
    .join("&");
}

function xmlAttributes(value: Value, spaced: Value | undefined): string {
  if (!(value instanceof Dict))
    throw new TemplateError("attribute", `'${typeName(value)}' object has no attribute 'items'`);
  const parts: string[] = [];
  for (const [key, item] of value.entries()) {
    if (item === null || item instanceof Undefined) continue;
    if (/[ \t\n\r\f\v/>=]/.test(text(key, "attribute name")))
      throw valueError(`Invalid character in attribute name: ${repr(key)}`);
    parts.push(`${escaped(key).text}="${escaped(item).text}"`);
  }
  const out = parts.join(" ");
  return out !== "" && truth(spaced ?? true) ? ` ${out}` : out;
}

/** MarkupSafe's: comments and tags out, white space to single blanks, entities resolved. */
function stripTags(source: string): string {
  let out = source;
  for (const [open, close] of [
    ["<!--", "-->"],
    ["<", ">"],
  ] as const) {
    let kept = "";
    let from = 0;
    for (let at = out.indexOf(open); at >= 0; at = out.indexOf(open, from)) {
      const end = out.indexOf(close, at);
      if (end < 0) break;
      kept += out.slice(from, at);
      from = end + close.length;
    }
    out = kept + out.slice(from);
  }
  return unescapeHtml(
    out
      .split(/\s+/)
      .filter((word) => word !== "")
      .join(" "),
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
};

const unescapeHtml = (source: string): string =>
  source.replace(
    /&(?:#(\d+)|#[xX]([0-9a-fA-F]+)|(\w+));/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? "0", 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
    },
  );

const format: Filter = ([value, ...args], keywords) => {
  if (args.length > 0 && keywords.size > 0)
    throw argumentError("can't handle positional and keyword arguments at the same time");
  return percent(soft(value), keywords.size > 0 ? Dict.of(keywords) : new Tuple(args));
};

export const TEXT_FILTERS: [string, Filter][] = [
  ["format", format],
  ...table({
    capitalize: ["s", (value) => capitalize(soft(value))],
    center: [
      "value width?",
      (value, width) => justify(soft(value), width === undefined ? 80 : index(width), " ", "center"),
    ],
    e: ["s", (value) => escaped(value!)],
    escape: ["s", (value) => escaped(value!)],
    forceescape: ["value", (value) => new Markup(escapeHtml(str(value!)))],
    indent: ["s width? first? blank?", (value, width, first, blank) => indent(value!, width, first, blank)],
    join: [
      "value d? attribute?",
      (value, separator, attribute) => {
        const get = given(attribute) ? attributeGetter(attribute) : undefined;
        const parts: Value[] = [];
        for (const item of iterate(value!)) parts.push(str(get === undefined ? item : get(item)));
        return joinText(separator === undefined ? "" : str(separator), parts);
      },
    ],
    lower: ["s", (value) => soft(value).toLowerCase()],
    pprint: ["value", (value) => pformat(value!)],
    replace: [
      "s old new count?",
      (value, old, by, count) => replace(soft(value), soft(old), soft(by), given(count) ? index(count) : -1),
    ],
    safe: ["value", (value) => new Markup(str(value!))],
    string: ["object", (value) => (value instanceof Markup ? value : str(value!))],
    striptags: ["value", (value) => stripTags(str(value!))],
    title: ["s", (value) => title(soft(value))],
    trim: ["value chars?", (value, chars) => strip(soft(value), chars, true, true)],
    truncate: ["s length? killwords? end? leeway?", (value, ...rest) => truncate(value!, ...rest)],
    upper: ["s", (value) => soft(value).toUpperCase()],
    urlencode: ["value", (value) => urlEncode(value!)],
    urlize: [
      "value trim_url_limit? nofollow? target? rel? extra_schemes?",
      (value, ...rest) => urlize(soft(value), rest),
    ],
    wordcount: ["s", (value) => soft(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0],
    wordwrap: [
      "s width? break_long_words? wrapstring? break_on_hyphens?",
      (value, width, long, by, hyphens) => {
        const options = {
          width: width === undefined ? 79 : index(width),
          long: truth(long ?? true),
          hyphens: truth(hyphens ?? true),
        };
        const newline = given(by) ? text(by, "wrapstring") : "\n";
        return splitLines(text(value, "value"))
          .map((line) => wrapText(line, options).join(newline))
          .join(newline);
      },
    ],
    xmlattr: ["d autospace?", (value, spaced) => xmlAttributes(value!, spaced)],
  }),
];
