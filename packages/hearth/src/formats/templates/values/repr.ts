import { checkChars, spend } from "../limits.ts";
import { isPrintable } from "../text/unicode.ts";
import { floatRepr } from "./numbers.ts";
import {
  Dict,
  DictView,
  Float,
  Generator,
  Markup,
  Namespace,
  Native,
  type PyObject,
  Range,
  Tuple,
  Undefined,
  type Value,
} from "./types.ts";

/** `type(x).__name__`. */
export function typeName(value: Value): string {
  if (value === null) return "NoneType";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return Number.isSafeInteger(value) ? "int" : "float";
  return Array.isArray(value) ? "list" : value.typeName;
}

const PLAIN = /^[ !#-&(-[\]-~]*$/;
const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

export function stringRepr(text: string): string {
  if (PLAIN.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const char of text) {
    if (char === quote) out += `\\${char}`;
    else if (NAMED[char] !== undefined) out += NAMED[char];
    else if (isPrintable(char)) out += char;
    else {
      const code = char.codePointAt(0)!;
      if (code < 0x100) out += `\\x${code.toString(16).padStart(2, "0")}`;
      else if (code < 0x10000) out += `\\u${code.toString(16).padStart(4, "0")}`;
      else out += `\\U${code.toString(16).padStart(8, "0")}`;
    }
  }
  return out + quote;
}

/** `repr(x)`. */
export function repr(value: Value): string {
  spend(1);
  if (typeof value === "string") return stringRepr(value);
  if (Array.isArray(value)) return sequence("[", value, "]");
  if (value instanceof Tuple) return sequence("(", value.items, value.items.length === 1 ? ",)" : ")");
  if (value instanceof Dict) {
    const parts = value.entries().map(([key, item]) => `${repr(key)}: ${repr(item)}`);
    return join("{", parts, "}");
  }
  if (value instanceof Markup) return `Markup(${stringRepr(value.text)})`;
  if (value instanceof Undefined) return "Undefined";
  return str(value);
}

function sequence(open: string, items: readonly Value[], close: string): string {
  return join(
    open,
    items.map((item) => repr(item)),
    close,
  );
}

function join(open: string, parts: string[], close: string): string {
  let length = 2;
  for (const part of parts) length += part.length + 2;
  checkChars(length);
  return open + parts.join(", ") + close;
}

/** `str(x)`: what `{{ x }}` prints. */
export function str(value: Value): string {
  if (typeof value === "string") return value;
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : floatRepr(value);
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Float) return floatRepr(value.n);
  if (value instanceof Markup) return value.text;
  if (value instanceof Undefined) return "";
  return Array.isArray(value) || value instanceof Tuple || value instanceof Dict
    ? repr(value)
    : objectText(value);
}

/** Objects without a literal form. Python prints an address in most of these; there is none here. */
function objectText(value: PyObject): string {
  if (value instanceof Range) {
    const step = value.step === 1 ? "" : `, ${value.step}`;
    return `range(${value.start}, ${value.stop}${step})`;
  }
  if (value instanceof DictView) return `${value.typeName}(${repr(value.list())})`;
  if (value instanceof Namespace) return `<Namespace ${repr(value.attributes)}>`;
  const own = value.print();
  if (own !== undefined) return own;
  if (value instanceof Generator) return `<${value.typeName} object>`;
  if (value instanceof Native) return `<built-in method ${value.name}>`;
  return `<${value.typeName} object>`;
}
