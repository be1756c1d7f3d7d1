import { lookupError, valueError } from "../errors.ts";
import { checkChars, spend } from "../limits.ts";
import { repr, str } from "../values/repr.ts";
import type { Keywords, Value } from "../values/types.ts";
import { formatValue } from "./format-spec.ts";

/** How a field reaches into a value: the sandboxed lookups of the environment. */
export interface FieldAccess {
  attribute(value: Value, name: string): Value;
  item(value: Value, key: Value): Value;
}

/** `text.format(*args, **keywords)`. */
export function formatFields(
  text: string,
  args: readonly Value[],
  keywords: Keywords,
  access: FieldAccess,
): string {
  const numbering = { next: 0, manual: false };
  return expand(text, args, keywords, access, numbering, 2);
}

type Numbering = { next: number; manual: boolean };

function expand(
  text: string,
  args: readonly Value[],
  keywords: Keywords,
  access: FieldAccess,
  numbering: Numbering,
  depth: number,
): string {
  if (depth < 0) throw valueError("Max string recursion exceeded");
  let out = "";
  for (let at = 0; at < text.length; ) {
    const char = text[at]!;
    if (char !== "{" && char !== "}") {
      const stop = text.slice(at).search(/[{}]/);
      const end = stop < 0 ? text.length : at + stop;
      out += text.slice(at, end);
      at = end;
      continue;
    }
    if (text[at + 1] === char) {
      out += char;
      at += 2;
      continue;
    }
    if (char === "}") throw valueError("Single '}' encountered in format string");
    spend(1);
    const end = closing(text, at + 1);
    const [name, conversion, spec] = splitField(text.slice(at + 1, end));
    const value = convert(fieldValue(name, args, keywords, access, numbering), conversion);
    out += formatValue(value, expand(spec, args, keywords, access, numbering, depth - 1));
    checkChars(out.length);
    at = end + 1;
  }
  return out;
}

/** End of the field that begins at `from`; braces nest in its specification, and brackets hide them in its name. */
function closing(text: string, from: number): number {
  let depth = 1;
  let bracket = false;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === "[") bracket = true;
    else if (char === "]") bracket = false;
    else if (bracket) continue;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return at;
  }
  throw valueError("expected '}' before end of string");
}

function splitField(field: string): [name: string, conversion: string, spec: string] {
  let bracket = false;
  for (let at = 0; at < field.length; at++) {
    const char = field[at];
    if (char === "[") bracket = true;
    else if (char === "]") bracket = false;
    if (bracket || (char !== ":" && char !== "!")) continue;
    if (char === ":") return [field.slice(0, at), "", field.slice(at + 1)];
    const conversion = field[at + 1] ?? "";
    const next = field[at + 2];
    if (conversion === "" || (next !== undefined && next !== ":"))
      throw valueError("expected ':' after conversion specifier");
    return [field.slice(0, at), conversion, field.slice(at + 3)];
  }
  return [field, "", ""];
}

function fieldValue(
  name: string,
  args: readonly Value[],
  keywords: Keywords,
  access: FieldAccess,
  numbering: Numbering,
): Value {
  const first = /^[^.[]*/.exec(name)![0];
  let value: Value | undefined;
  if (first === "" || /^\d+$/.test(first)) {
    if (first === "" ? numbering.manual : numbering.next > 0)
      throw valueError("cannot mix manual field specification and automatic field numbering");
    if (first !== "") numbering.manual = true;
    value = args[first === "" ? numbering.next++ : Number(first)];
    if (value === undefined) throw lookupError("Replacement index out of range for positional args tuple");
  } else {
    value = keywords.get(first);
    if (value === undefined) throw lookupError(repr(first));
  }
  let rest = name.slice(first.length);
  while (rest !== "") {
    const part = /^(?:\.([^.[]+)|\[([^\]]+)\])/.exec(rest);
    if (part === null) throw valueError("Empty attribute in format string");
    const [whole, attribute, item = ""] = part;
    if (attribute !== undefined) value = access.attribute(value, attribute);
    else value = access.item(value, /^\d+$/.test(item) ? Number(item) : item);
    rest = rest.slice(whole.length);
  }
  return value;
}

function convert(value: Value, conversion: string): Value {
  if (conversion === "") return value;
  if (conversion === "s") return str(value);
  if (conversion === "r") return repr(value);
  if (conversion === "a")
    return repr(value).replace(/[^\x00-\x7f]/gu, (char) => {
      const code = char.codePointAt(0)!;
      if (code < 0x100) return `\\x${code.toString(16)}`;
      return code < 0x10000
        ? `\\u${code.toString(16).padStart(4, "0")}`
        : `\\U${code.toString(16).padStart(8, "0")}`;
    });
  throw valueError(`Unknown conversion specifier '${conversion}'`);
}
