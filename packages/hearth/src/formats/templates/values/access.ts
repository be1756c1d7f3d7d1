import { TemplateError, typeError } from "../errors.ts";
import { enter, isLenient, leave, spend } from "../limits.ts";
import { formatFields } from "../text/format.ts";
import { STRING_METHODS } from "../text/methods.ts";
import { percent } from "../text/percent.ts";
import { points } from "../text/unicode.ts";
import {
  DICT_METHODS,
  DICT_MUTATORS,
  LIST_METHODS,
  LIST_MUTATORS,
  numberAttribute,
  RANGE_METHODS,
  SEQUENCE_METHODS,
  sliceIndices,
} from "./containers.ts";
import { DICT_MUTATOR_METHODS, LIST_MUTATOR_METHODS } from "./mutators.ts";
import { index, isInt } from "./numbers.ts";
import { type Arithmetic, operate, undefinedError } from "./operators.ts";
import { repr, typeName } from "./repr.ts";
import {
  Callable,
  Dict,
  type Keywords,
  Markup,
  Native,
  NO_KEYWORDS,
  Range,
  Tuple,
  textOf,
  Undefined,
  type Value,
} from "./types.ts";

/** `getattr(x, name)` without the sandbox; undefined where there is no such attribute. */
function ownAttribute(value: Value, name: string): Value | undefined {
  const text = textOf(value);
  if (text !== undefined) {
    if (name === "format" || name === "format_map") return formatMethod(text, name);
    return STRING_METHODS.get(name)?.(text);
  }
  if (Array.isArray(value)) return (LIST_METHODS.get(name) ?? SEQUENCE_METHODS.get(name))?.(value);
  if (value instanceof Tuple && !value.names.includes(name)) return SEQUENCE_METHODS.get(name)?.(value);
  if (value instanceof Dict) return DICT_METHODS.get(name)?.(value);
  if (value instanceof Range) return RANGE_METHODS.get(name)?.(value) ?? rangeField(value, name);
  return (
    numberAttribute(value, name) ??
    (value !== null && typeof value === "object" ? value.attribute(name) : undefined)
  );
}

const rangeField = (range: Range, name: string): Value | undefined =>
  name === "start" ? range.start : name === "stop" ? range.stop : name === "step" ? range.step : undefined;

/** Names that every Python object answers to; the sandbox hands out none of them. */
const DUNDER =
  /^__(class|dict|doc|init|new|repr|str|hash|eq|ne|lt|le|gt|ge|dir|sizeof|reduce|reduce_ex|getattribute|setattr|delattr|format|subclasshook|init_subclass|len|iter|getitem|contains|add|mul|call)__$/;

/** The attribute of an object by Python's `getattr`, with what the sandbox does to it. */
function attribute(value: Value, name: string): Value | undefined {
  if (value instanceof Undefined && !(name.startsWith("__") && name.endsWith("__")))
    throw undefinedError(value);
  const mutator = Array.isArray(value) ? LIST_MUTATORS : value instanceof Dict ? DICT_MUTATORS : undefined;
  if (mutator?.has(name) === true) return isLenient() ? mutatorMethod(value, name) : refused(value, name);
  if (DUNDER.test(name)) return refused(value, name);
  const own = ownAttribute(value, name);
  return own !== undefined && name.startsWith("_") ? refused(value, name) : own;
}

function mutatorMethod(value: Value, name: string): Value | undefined {
  if (Array.isArray(value)) return LIST_MUTATOR_METHODS.get(name)?.(value) ?? refused(value, name);
  return value instanceof Dict
    ? (DICT_MUTATOR_METHODS.get(name)?.(value) ?? refused(value, name))
    : undefined;
}

const refused = (value: Value, name: string): Undefined =>
  new Undefined(`access to attribute '${name}' of '${typeName(value)}' object is unsafe.`, true);

/** `x[key]`: undefined where Python raises TypeError or LookupError. */
function subscript(value: Value, key: Value): Value | undefined {
  if (value instanceof Dict) {
    try {
      return value.get(key);
    } catch (error) {
      if (error instanceof TemplateError && error.kind === "type") return undefined;
      throw error;
    }
  }
  if (value instanceof Undefined) throw undefinedError(value);
  if (!isInt(key)) return undefined;
  const at = index(key);
  const text = textOf(value);
  if (text !== undefined) return points(text).at(at);
  if (Array.isArray(value)) return value.at(at);
  if (value instanceof Tuple) return value.items.at(at);
  if (value instanceof Range) {
    const position = at < 0 ? at + value.length : at;
    return position >= 0 && position < value.length ? value.at(position) : undefined;
  }
  return undefined;
}

const missing = (value: Value, key: Value): Undefined =>
  new Undefined(
    typeof key === "string"
      ? `'${value === null ? "None" : `${typeName(value)} object`}' has no attribute '${key}'`
      : `${typeName(value)} object has no element ${repr(key)}`,
  );

/** `{{ x.name }}`: the attribute, else the item. None is a value like any other. */
export function getAttribute(value: Value, name: string): Value {
  const own = attribute(value, name);
  if (own !== undefined) return own;
  const item = subscript(value, name);
  return item === undefined ? missing(value, name) : item;
}

/** `{{ x[key] }}`: the item, else the attribute. */
export function getItem(value: Value, key: Value): Value {
  const item = subscript(value, key);
  if (item !== undefined) return item;
  const name = textOf(key);
  const own = name === undefined ? undefined : attribute(value, name);
  return own === undefined ? missing(value, key) : own;
}

/** `|attr`: the attribute alone. */
export function onlyAttribute(value: Value, name: string): Value {
  const own = attribute(value, name);
  return own === undefined ? missing(value, name) : own;
}

/** `x[start:stop:step]`. */
export function slice(value: Value, start: Value, stop: Value, step: Value): Value {
  const text = textOf(value);
  if (text !== undefined) {
    const all = points(text);
    return sliceIndices(all.length, start, stop, step)
      .map((at) => all[at])
      .join("");
  }
  if (value instanceof Undefined) throw undefinedError(value);
  if (Array.isArray(value)) return sliceIndices(value.length, start, stop, step).map((at) => value[at]!);
  if (value instanceof Tuple)
    return new Tuple(sliceIndices(value.items.length, start, stop, step).map((at) => value.items[at]!));
  if (value instanceof Range) {
    const picked = sliceIndices(value.length, start, stop, step);
    const by = value.step * (step === null ? 1 : index(step));
    if (picked.length === 0) return new Range(value.start, value.start, by);
    const first = value.at(picked[0]!);
    return new Range(first, first + picked.length * by, by);
  }
  throw typeError(`'${typeName(value)}' object is not subscriptable`);
}

export const isCallable = (value: Value): boolean => value instanceof Callable;

export function call(value: Value, args: readonly Value[], keywords: Keywords = NO_KEYWORDS): Value {
  spend(1);
  if (value instanceof Native) return value.call(args, keywords);
  if (value instanceof Callable) {
    enter();
    try {
      return value.call(args, keywords);
    } finally {
      leave();
    }
  }
  if (value instanceof Undefined) throw undefinedError(value);
  throw typeError(`'${typeName(value)}' object is not callable`);
}

/** The arithmetic operators, `"%s" % x` included. */
export function binary(op: Arithmetic, a: Value, b: Value): Value {
  if (op === "%") {
    const text = textOf(a);
    if (text !== undefined) {
      const out = percent(text, b);
      return a instanceof Markup ? new Markup(out) : out;
    }
  }
  return operate(op, a, b);
}

function formatMethod(text: string, name: string): Native {
  return new Native(name, (args, keywords) => {
    const access = { attribute: getAttribute, item: getItem };
    if (name === "format") return formatFields(text, args, keywords, access);
    const [mapping] = args;
    if (!(mapping instanceof Dict) || args.length !== 1) throw typeError("format_map() takes one mapping");
    const named = new Map(
      mapping.entries().flatMap(([key, value]) => (typeof key === "string" ? [[key, value]] : [])),
    );
    return formatFields(text, [], named, access);
  });
}
