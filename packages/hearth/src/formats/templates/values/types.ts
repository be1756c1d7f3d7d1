import { typeError } from "../errors.ts";

/**
 * A Python value. `None` is null; an int is a safe-integer `number` or a `bigint`; a float is any other `number`, or a
 * `Float` where its value is integral, infinite or NaN; a list is an array. All else is a `PyObject`.
 */
export type Value = null | boolean | number | bigint | string | Value[] | PyObject;

/** Keyword arguments, in the order given. */
export type Keywords = ReadonlyMap<string, Value>;
export const NO_KEYWORDS: Keywords = new Map();

export abstract class PyObject {
  /** `type(x).__name__`. */
  abstract readonly typeName: string;

  /** An attribute that the type itself has; JavaScript's undefined where it has none. */
  attribute(_name: string): Value | undefined {
    return undefined;
  }
  /** How an object without a literal form prints; undefined where nothing is known. */
  print(): string | undefined {
    return undefined;
  }
  /** `len(x)` of objects outside this file; undefined where it has none. */
  len(): number | undefined {
    return undefined;
  }
}

/** A float whose value alone would read as an int. */
export class Float extends PyObject {
  readonly typeName = "float";
  readonly n: number;
  constructor(n: number) {
    super();
    this.n = n;
  }
}

/** A JavaScript number as a Python float. */
export const float = (n: number): Value =>
  Number.isSafeInteger(n) || !Number.isFinite(n) ? new Float(n) : n;

export class Tuple extends PyObject {
  readonly typeName = "tuple";
  readonly items: readonly Value[];
  /** Field names of a named tuple. */
  readonly names: readonly string[];
  constructor(items: readonly Value[], names: readonly string[] = []) {
    super();
    this.items = items;
    this.names = names;
  }
  override attribute(name: string): Value | undefined {
    const at = this.names.indexOf(name);
    return at < 0 ? undefined : this.items[at];
  }
}

type Key = string | number | bigint | null | PyObject;

/** Equal Python keys (1, 1.0, True) give the same key here. */
function keyOf(value: Value): Key {
  if (typeof value === "string") return value.charCodeAt(0) === 0 ? `\0s${value}` : value;
  if (typeof value === "number" || value === null || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof Float) return value.n === 0 ? 0 : value.n;
  if (value instanceof Tuple) return `\0t${JSON.stringify(value.items.map((item) => tagged(keyOf(item))))}`;
  if (value instanceof Markup) return keyOf(value.text);
  if (value instanceof Undefined) return "\0u";
  if (Array.isArray(value)) throw typeError("unhashable type: 'list'");
  if (value instanceof Dict) throw typeError("unhashable type: 'dict'");
  return value;
}

const identities = new WeakMap<PyObject, number>();
let identityCount = 0;

function tagged(key: Key): string {
  if (key instanceof PyObject) {
    let id = identities.get(key);
    if (id === undefined) identities.set(key, (id = ++identityCount));
    return `o${id}`;
  }
  return typeof key === "string" ? `s${key}` : `n${String(key)}`;
}

export class Dict extends PyObject {
  readonly typeName = "dict";
  readonly #values = new Map<Key, Value>();
  /** Keys that can't be had back from their `Key`. */
  #originals: Map<Key, Value> | undefined;

  static of(entries: Iterable<readonly [Value, Value]>): Dict {
    const dict = new Dict();
    for (const [key, value] of entries) dict.set(key, value);
    return dict;
  }
  get size(): number {
    return this.#values.size;
  }
  set(key: Value, value: Value): void {
    const plain = keyOf(key);
    if (plain !== key && !this.#values.has(plain)) (this.#originals ??= new Map()).set(plain, key);
    this.#values.set(plain, value);
  }
  get(key: Value): Value | undefined {
    return this.#values.get(keyOf(key));
  }
  has(key: Value): boolean {
    return this.#values.has(keyOf(key));
  }
  delete(key: Value): void {
    const plain = keyOf(key);
    this.#values.delete(plain);
    this.#originals?.delete(plain);
  }
  keys(): Value[] {
    return Array.from(this.#values.keys(), (key) => this.#original(key));
  }
  values(): Value[] {
    return [...this.#values.values()];
  }
  entries(): [Value, Value][] {
    return Array.from(this.#values, ([key, value]) => [this.#original(key), value]);
  }
  #original(key: Key): Value {
    const original = this.#originals?.get(key);
    return original === undefined ? key : original;
  }
}

/** Set semantics for `|unique`: what was seen, by Python's equality of keys. */
export class SeenKeys {
  readonly #keys = new Set<Key>();
  /** True when the value is new. */
  add(value: Value): boolean {
    const key = keyOf(value);
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    return true;
  }
}

/** What a missing variable, key or attribute yields: prints as "", loops as empty, fails at all else. */
export class Undefined extends PyObject {
  readonly typeName = "Undefined";
  readonly message: string;
  /** The thing asked for exists, but the sandbox refuses it. */
  readonly unsafe: boolean;
  constructor(message: string, unsafe = false) {
    super();
    this.message = message;
    this.unsafe = unsafe;
  }
}

/** Text marked as safe for HTML (`|safe`, `|escape`): a str in every other way. */
export class Markup extends PyObject {
  readonly typeName = "Markup";
  readonly text: string;
  constructor(text: string) {
    super();
    this.text = text;
  }
}

export class Range extends PyObject {
  readonly typeName = "range";
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly length: number;
  constructor(start: number, stop: number, step: number) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
    this.length = Math.max(0, Math.ceil((stop - start) / step));
  }
  at(index: number): number {
    return this.start + index * this.step;
  }
}

/** A one-way iterator: generators of filters, `reversed`, dict iterators. Has no length and no subscripts. */
export class Generator extends PyObject implements Iterator<Value> {
  readonly typeName: string;
  readonly #source: Iterator<Value>;
  constructor(source: Iterable<Value>, typeName = "generator") {
    super();
    this.#source = source[Symbol.iterator]();
    this.typeName = typeName;
  }
  next(): IteratorResult<Value> {
    return this.#source.next();
  }
  [Symbol.iterator](): Iterator<Value> {
    return this;
  }
}

/** `d.keys()`, `d.values()`, `d.items()`. */
export class DictView extends PyObject {
  readonly typeName: "dict_keys" | "dict_values" | "dict_items";
  readonly dict: Dict;
  constructor(typeName: DictView["typeName"], dict: Dict) {
    super();
    this.typeName = typeName;
    this.dict = dict;
  }
  list(): Value[] {
    if (this.typeName === "dict_keys") return this.dict.keys();
    if (this.typeName === "dict_values") return this.dict.values();
    return this.dict.entries().map((entry) => new Tuple(entry));
  }
}

/** Whatever can be called. */
export abstract class Callable extends PyObject {
  abstract call(args: readonly Value[], keywords: Keywords): Value;
}

export class Native extends Callable {
  readonly typeName: string = "builtin_function_or_method";
  readonly name: string;
  readonly #run: (args: readonly Value[], keywords: Keywords) => Value;
  constructor(name: string, run: (args: readonly Value[], keywords: Keywords) => Value) {
    super();
    this.name = name;
    this.#run = run;
  }
  call(args: readonly Value[], keywords: Keywords): Value {
    return this.#run(args, keywords);
  }
}

/** The one object whose attributes a template may set. */
export class Namespace extends PyObject {
  readonly typeName = "Namespace";
  readonly attributes = new Dict();
  override attribute(name: string): Value | undefined {
    return this.attributes.get(name);
  }
}

/** The text of a str or Markup; undefined for all else. */
export function textOf(value: Value): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Markup ? value.text : undefined;
}
