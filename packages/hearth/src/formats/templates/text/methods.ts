import { TemplateError, typeError, valueError } from "../errors.ts";
import { checkChars } from "../limits.ts";
import { methods } from "../values/arguments.ts";
import { index } from "../values/numbers.ts";
import { iterate, truth } from "../values/operators.ts";
import { typeName } from "../values/repr.ts";
import { Dict, Tuple, textOf, type Value } from "../values/types.ts";
import {
  capitalize,
  hasSurrogates,
  isCased,
  isLower,
  isLowerChar,
  isPrintable,
  isSpace,
  isUpper,
  pointIndex,
  pointLength,
  points,
  splitLines,
  splitSpace,
  stripEnd,
  stripStart,
  titleChar,
} from "./unicode.ts";

function text(value: Value | undefined, what: string): string {
  const found = value === undefined ? undefined : textOf(value);
  if (found === undefined) throw typeError(`${what} must be str, not ${typeName(value ?? null)}`);
  return found;
}

const optional = (value: Value | undefined): value is Value => value !== undefined && value !== null;

/** Start and end in UTF-16 units of a slice given in code points; undefined where start lies past the end. */
function window(
  self: string,
  start: Value | undefined,
  end: Value | undefined,
): [number, number] | undefined {
  const length = pointLength(self);
  const clamp = (value: Value | undefined, fallback: number): number => {
    if (!optional(value)) return fallback;
    const n = index(value, "slice indices");
    return n < 0 ? Math.max(0, n + length) : n;
  };
  const from = clamp(start, 0);
  const to = Math.min(clamp(end, length), length);
  if (from > to) return undefined;
  return [unit(self, from), unit(self, to)];
}

const unit = (self: string, point: number): number =>
  hasSurrogates(self) ? points(self).slice(0, point).join("").length : point;

function find(self: string, bound: readonly (Value | undefined)[], last: boolean): number {
  const part = text(bound[0], "argument");
  const span = window(self, bound[1], bound[2]);
  if (span === undefined) return -1;
  const [from, to] = span;
  const inside = self.slice(from, to);
  const at = last ? inside.lastIndexOf(part) : inside.indexOf(part);
  return at < 0 ? -1 : pointIndex(self, from + at);
}

function found(at: number): number {
  if (at < 0) throw valueError("substring not found");
  return at;
}

function affixed(self: string, bound: readonly (Value | undefined)[], end: boolean): boolean {
  const given = bound[0] ?? null;
  const options = given instanceof Tuple ? given.items : [given];
  const span = window(self, bound[1], bound[2]);
  const inside = span === undefined ? undefined : self.slice(...span);
  const matches = options.map((option) => {
    const part = text(option, `${end ? "endswith" : "startswith"} first arg`);
    return inside !== undefined && (end ? inside.endsWith(part) : inside.startsWith(part));
  });
  return matches.includes(true);
}

export function strip(self: string, chars: Value | undefined, start: boolean, end: boolean): string {
  if (!optional(chars)) {
    const left = start ? stripStart(self) : self;
    return end ? stripEnd(left) : left;
  }
  const set = new Set(text(chars, "strip arg"));
  const all = Array.from(self);
  let from = 0;
  let to = all.length;
  while (start && from < to && set.has(all[from]!)) from++;
  while (end && to > from && set.has(all[to - 1]!)) to--;
  return all.slice(from, to).join("");
}

function split(
  self: string,
  separator: Value | undefined,
  limit: Value | undefined,
  right: boolean,
): Value[] {
  const max = limit === undefined ? -1 : index(limit);
  if (!optional(separator)) {
    if (!right || max < 0) return splitSpace(self, max);
    return reversed(splitSpace(reversed(points(self)).join(""), max)).map((word) =>
      reversed(points(word)).join(""),
    );
  }
  const by = text(separator, "sep");
  if (by === "") throw valueError("empty separator");
  const parts = self.split(by);
  if (max < 0 || parts.length <= max + 1) return parts;
  if (right) return [parts.slice(0, parts.length - max).join(by), ...parts.slice(parts.length - max)];
  return [...parts.slice(0, max), parts.slice(max).join(by)];
}

const reversed = <T>(items: readonly T[]): T[] => [...items].reverse();

function partition(self: string, separator: Value | undefined, right: boolean): Tuple {
  const by = text(separator, "sep");
  if (by === "") throw valueError("empty separator");
  const at = right ? self.lastIndexOf(by) : self.indexOf(by);
  if (at < 0) return new Tuple(right ? ["", "", self] : [self, "", ""]);
  return new Tuple([self.slice(0, at), by, self.slice(at + by.length)]);
}

export function replace(self: string, old: string, by: string, limit: number): string {
  if (limit === 0) return self;
  const parts = old === "" ? ["", ...points(self), ""] : self.split(old);
  const cuts = limit < 0 ? parts.length - 1 : Math.min(limit, parts.length - 1);
  checkChars(self.length + cuts * Math.max(0, by.length - old.length));
  if (cuts === parts.length - 1) return parts.join(by);
  return parts.slice(0, cuts + 1).join(by) + old + parts.slice(cuts + 1).join(old);
}

/** Centring as CPython does it: the odd space goes left when the width is odd. */
export function justify(
  self: string,
  width: number,
  fill: string,
  side: "left" | "right" | "center",
): string {
  if (pointLength(fill) !== 1) throw typeError("The fill character must be exactly one character long");
  checkChars(width);
  const missing = Math.max(0, width - pointLength(self));
  const left =
    side === "left" ? 0 : side === "right" ? missing : Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(left) + self + fill.repeat(missing - left);
}

function zfill(self: string, width: number): string {
  const sign = /^[+-]/.test(self) ? self[0]! : "";
  const digits = self.slice(sign.length);
  checkChars(width);
  return sign + "0".repeat(Math.max(0, width - pointLength(self))) + digits;
}

export function titleCase(self: string): string {
  let out = "";
  let inside = false;
  for (const char of self) {
    out += inside ? char.toLowerCase() : titleChar(char);
    inside = isCased(char);
  }
  return out;
}

function isTitle(self: string): boolean {
  let inside = false;
  let cased = false;
  for (const char of self) {
    if (isLowerChar(char)) {
      if (!inside) return false;
      cased = true;
    } else if (isCased(char)) {
      if (inside) return false;
      cased = true;
    }
    inside = isCased(char);
  }
  return cased;
}

function expandTabs(self: string, size: number): string {
  let out = "";
  let column = 0;
  for (const char of self) {
    if (char === "\t") {
      const spaces = size > 0 ? size - (column % size) : 0;
      checkChars(out.length + spaces);
      out += " ".repeat(spaces);
      column += spaces;
    } else {
      out += char;
      column = char === "\n" || char === "\r" ? 0 : column + 1;
    }
  }
  return out;
}

export function joinText(separator: string, items: Iterable<Value>): string {
  const parts: string[] = [];
  let length = 0;
  for (const item of items) {
    const part = textOf(item);
    if (part === undefined)
      throw typeError(`sequence item ${parts.length}: expected str instance, ${typeName(item)} found`);
    length += part.length + separator.length;
    checkChars(length);
    parts.push(part);
  }
  return parts.join(separator);
}

function translate(self: string, table: Value | undefined): string {
  if (!(table instanceof Dict)) throw typeError("translate() takes a mapping");
  let out = "";
  for (const char of self) {
    const to = table.get(char.codePointAt(0)!);
    out +=
      to === undefined
        ? char
        : to === null
          ? ""
          : typeof to === "number"
            ? String.fromCodePoint(to)
            : text(to, "value");
    checkChars(out.length);
  }
  return out;
}

const every = (self: string, test: RegExp): boolean =>
  self !== "" && Array.from(self).every((char) => test.test(char));

/** Methods of str but `format` and `format_map`, which look into their arguments. */
export const STRING_METHODS = methods<string>({
  capitalize: ["", capitalize],
  casefold: ["", (self) => self.replaceAll("ß", "ss").toLowerCase()],
  center: [
    "width fillchar? /",
    (self, [width, fill]) => justify(self, index(width!), text(fill ?? " ", "fill"), "center"),
  ],
  count: ["sub start? end? /", (self, bound) => count(self, bound)],
  encode: [
    "encoding? errors?",
    () => {
      throw new TemplateError("runtime", "bytes are not supported");
    },
  ],
  endswith: ["suffix start? end? /", (self, bound) => affixed(self, bound, true)],
  expandtabs: ["tabsize?", (self, [size]) => expandTabs(self, size === undefined ? 8 : index(size))],
  find: ["sub start? end? /", (self, bound) => find(self, bound, false)],
  index: ["sub start? end? /", (self, bound) => found(find(self, bound, false))],
  isalnum: ["", (self) => every(self, /[\p{L}\p{Nd}\p{No}\p{Nl}]/u)],
  isalpha: ["", (self) => every(self, /\p{L}/u)],
  isascii: ["", (self) => /^[\x00-\x7f]*$/.test(self)],
  isdecimal: ["", (self) => every(self, /\p{Nd}/u)],
  isdigit: [
    "",
    (self) => every(self, /[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468]/u),
  ],
  isidentifier: ["", (self) => /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(self)],
  islower: ["", isLower],
  isnumeric: ["", (self) => every(self, /\p{N}/u)],
  isprintable: ["", (self) => Array.from(self).every(isPrintable)],
  isspace: ["", (self) => self !== "" && Array.from(self).every(isSpace)],
  istitle: ["", isTitle],
  isupper: ["", isUpper],
  join: ["iterable /", (self, [items]) => joinText(self, iterate(items!))],
  ljust: [
    "width fillchar? /",
    (self, [width, fill]) => justify(self, index(width!), text(fill ?? " ", "fill"), "left"),
  ],
  lower: ["", (self) => self.toLowerCase()],
  lstrip: ["chars? /", (self, [chars]) => strip(self, chars, true, false)],
  partition: ["sep /", (self, [by]) => partition(self, by, false)],
  removeprefix: [
    "prefix /",
    (self, [prefix]) => {
      const part = text(prefix, "prefix");
      return self.startsWith(part) ? self.slice(part.length) : self;
    },
  ],
  removesuffix: [
    "suffix /",
    (self, [suffix]) => {
      const part = text(suffix, "suffix");
      return part !== "" && self.endsWith(part) ? self.slice(0, -part.length) : self;
    },
  ],
  replace: [
    "old new count? /",
    (self, [old, by, limit]) =>
      replace(self, text(old, "old"), text(by, "new"), limit === undefined ? -1 : index(limit)),
  ],
  rfind: ["sub start? end? /", (self, bound) => find(self, bound, true)],
  rindex: ["sub start? end? /", (self, bound) => found(find(self, bound, true))],
  rjust: [
    "width fillchar? /",
    (self, [width, fill]) => justify(self, index(width!), text(fill ?? " ", "fill"), "right"),
  ],
  rpartition: ["sep /", (self, [by]) => partition(self, by, true)],
  rsplit: ["sep? maxsplit?", (self, [by, limit]) => split(self, by, limit, true)],
  rstrip: ["chars? /", (self, [chars]) => strip(self, chars, false, true)],
  split: ["sep? maxsplit?", (self, [by, limit]) => split(self, by, limit, false)],
  splitlines: ["keepends?", (self, [keep]) => splitLines(self, truth(keep ?? false))],
  startswith: ["prefix start? end? /", (self, bound) => affixed(self, bound, false)],
  strip: ["chars? /", (self, [chars]) => strip(self, chars, true, true)],
  swapcase: [
    "",
    (self) =>
      Array.from(self, (char) => (isLowerChar(char) ? char.toUpperCase() : char.toLowerCase())).join(""),
  ],
  title: ["", titleCase],
  translate: ["table /", (self, [table]) => translate(self, table)],
  maketrans: ["x y? z? /", (_self, bound) => makeTable(bound)],
  upper: ["", (self) => self.toUpperCase()],
  zfill: ["width /", (self, [width]) => zfill(self, index(width!))],
});

function count(self: string, bound: readonly (Value | undefined)[]): number {
  const part = text(bound[0], "argument");
  const span = window(self, bound[1], bound[2]);
  if (span === undefined) return 0;
  const inside = self.slice(...span);
  return part === "" ? pointLength(inside) + 1 : inside.split(part).length - 1;
}

function makeTable([x, y, z]: readonly (Value | undefined)[]): Dict {
  const table = new Dict();
  if (y === undefined) {
    if (!(x instanceof Dict)) throw typeError("maketrans() with one argument takes a dict");
    for (const [key, value] of x.entries())
      table.set(typeof key === "string" ? key.codePointAt(0)! : key, value);
    return table;
  }
  const from = Array.from(text(x ?? null, "first argument"));
  const to = Array.from(text(y, "second argument"));
  if (from.length !== to.length) throw valueError("the first two maketrans arguments must have equal length");
  from.forEach((char, at) => {
    table.set(char.codePointAt(0)!, to[at]!.codePointAt(0)!);
  });
  if (z !== undefined) for (const char of text(z, "third argument")) table.set(char.codePointAt(0)!, null);
  return table;
}
