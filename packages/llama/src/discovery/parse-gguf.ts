/** A token outside ordinary text: a turn marker, `<tool_call>`. */
export interface SpecialToken {
  id: number;
  text: string;
}

/** What the head of a GGUF file says (format: ggml `docs/gguf.md`, versions 2 and 3). Unknown is left out. */
export interface GgufHeader {
  version: number;
  tensors: number;
  /** `general.architecture`: `llama`, `qwen3`, `clip`, `bert`, … */
  architecture?: string;
  /** `general.name`. */
  name?: string;
  /** `general.type`: `model`, `adapter`, `mmproj`, … */
  kind?: string;
  license?: string;
  /** Tokens the model was made for. */
  contextTokens?: number;
  blocks?: number;
  embedding?: number;
  heads?: number;
  kvHeads?: number;
  keyLength?: number;
  valueLength?: number;
  /** Set for models that embed or rank. */
  pooling?: number;
  /** All figures of the architecture by their names without it (`attention.sliding_window`); a list where layers differ. Booleans are 0 and 1. */
  numbers?: Record<string, number | number[]>;
  /** The chat template (Jinja). */
  template?: string;
  /** Templates by other names, such as `tool_use`. */
  templates?: Record<string, string>;
  bos?: string;
  eos?: string;
  vocabulary?: number;
  /** Control tokens, and added ones that look like markup. */
  specialTokens: SpecialToken[];
}

/** The file is no GGUF, or a broken one. */
export class GgufError extends Error {
  override readonly name = "GgufError";
}

/** More bytes are needed. */
class ShortError extends Error {}

const TYPE_BYTES: Record<number, number> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
const STRING = 8;
const ARRAY = 9;
const MAX_PAIRS = 100_000;
const MAX_ITEMS = 10_000_000;
const MAX_STRING_BYTES = 32 * 1024 * 1024;
/** `tokenizer.ggml.token_type`. */
const CONTROL = 3;
const USER_DEFINED = 4;

class Cursor {
  at = 0;
  readonly buffer: Buffer;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  skip(bytes: number): number {
    const start = this.at;
    if (start + bytes > this.buffer.length) throw new ShortError();
    this.at = start + bytes;
    return start;
  }

  u32(): number {
    return this.buffer.readUInt32LE(this.skip(4));
  }

  /** A 64-bit count; what can't be a count of this file is refused. */
  count(limit: number, what: string): number {
    const value = this.buffer.readBigUInt64LE(this.skip(8));
    if (value > BigInt(limit)) throw new GgufError(`${what} ${value} is more than ${limit}`);
    return Number(value);
  }

  string(): string {
    const bytes = this.count(MAX_STRING_BYTES, "a text length of");
    const start = this.skip(bytes);
    return this.buffer.toString("utf8", start, start + bytes);
  }

  number(type: number): number | boolean {
    const at = this.skip(TYPE_BYTES[type] ?? 0);
    const b = this.buffer;
    switch (type) {
      case 0:
        return b.readUInt8(at);
      case 1:
        return b.readInt8(at);
      case 2:
        return b.readUInt16LE(at);
      case 3:
        return b.readInt16LE(at);
      case 4:
        return b.readUInt32LE(at);
      case 5:
        return b.readInt32LE(at);
      case 6:
        return b.readFloatLE(at);
      case 7:
        return b.readUInt8(at) !== 0;
      case 10:
        return Number(b.readBigUInt64LE(at));
      case 11:
        return Number(b.readBigInt64LE(at));
      case 12:
        return b.readDoubleLE(at);
      default:
        throw new GgufError(`unknown value type ${type}`);
    }
  }
}

/** Where an array lies; its items are read only where they are wanted. */
interface ArrayAt {
  type: number;
  items: number;
  at: number;
}

type Value = string | number | boolean | ArrayAt;

function readValue(cursor: Cursor, type: number): Value {
  if (type === STRING) return cursor.string();
  if (type !== ARRAY) return cursor.number(type);
  const inner = cursor.u32();
  const items = cursor.count(MAX_ITEMS, "an array length of");
  const at = cursor.at;
  const bytes = TYPE_BYTES[inner];
  if (bytes !== undefined) cursor.skip(bytes * items);
  else if (inner === STRING) {
    for (let i = 0; i < items; i++) cursor.skip(cursor.count(MAX_STRING_BYTES, "a text length of"));
  } else throw new GgufError(`an array of type ${inner}`);
  return { type: inner, items, at };
}

function isArrayAt(value: Value | undefined): value is ArrayAt {
  return typeof value === "object";
}

/** Reads the head out of the file's first bytes. `undefined`: more bytes are needed. Raises `GgufError`. */
export function parseGguf(buffer: Buffer): GgufHeader | undefined {
  try {
    return parse(buffer);
  } catch (error) {
    if (error instanceof ShortError) return undefined;
    throw error;
  }
}

function parse(buffer: Buffer): GgufHeader {
  const cursor = new Cursor(buffer);
  const start = cursor.skip(4);
  if (buffer.toString("latin1", start, 4) !== "GGUF") throw new GgufError("it does not begin with GGUF");
  const version = cursor.u32();
  if (version !== 2 && version !== 3) throw new GgufError(`its GGUF version ${version} is not 2 or 3`);
  const tensors = cursor.count(1_000_000, "a tensor count of");
  const pairs = cursor.count(MAX_PAIRS, "a metadata count of");
  const values = new Map<string, Value>();
  for (let i = 0; i < pairs; i++) {
    const key = cursor.string();
    values.set(key, readValue(cursor, cursor.u32()));
  }
  return describe(buffer, version, tensors, values);
}

function describe(
  buffer: Buffer,
  version: number,
  tensors: number,
  values: ReadonlyMap<string, Value>,
): GgufHeader {
  const text = (key: string) => {
    const value = values.get(key);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const number = (key: string) => {
    const value = values.get(key);
    if (typeof value === "number" && Number.isFinite(value)) return value;
    // A count that differs by layer: the largest counts.
    if (isArrayAt(value) && value.type in TYPE_BYTES && value.items > 0) {
      return Math.max(...numbersOf(buffer, value).map(Number));
    }
    return undefined;
  };
  const architecture = text("general.architecture");
  const own = (key: string) => number(`${architecture}.${key}`);
  const tokens = values.get("tokenizer.ggml.tokens");
  const named = new Map<number, string>();
  const types = values.get("tokenizer.ggml.token_type");
  const special = isArrayAt(types) && types.type === 5 ? specialIds(buffer, types) : [];
  const bosId = number("tokenizer.ggml.bos_token_id");
  const eosId = number("tokenizer.ggml.eos_token_id");
  if (isArrayAt(tokens) && tokens.type === STRING) {
    const wanted = new Set([...special.map(({ id }) => id), bosId ?? -1, eosId ?? -1]);
    for (const [id, name] of pick(buffer, tokens, wanted)) named.set(id, name);
  }
  const templates: Record<string, string> = {};
  for (const [key, value] of values) {
    const name = /^tokenizer\.chat_template\.(.+)$/.exec(key)?.[1];
    if (name !== undefined && typeof value === "string") templates[name] = value;
  }
  return clean({
    version,
    tensors,
    architecture,
    name: text("general.name"),
    kind: text("general.type"),
    license: text("general.license"),
    contextTokens: own("context_length"),
    blocks: own("block_count"),
    embedding: own("embedding_length"),
    heads: own("attention.head_count"),
    kvHeads: own("attention.head_count_kv"),
    keyLength: own("attention.key_length"),
    valueLength: own("attention.value_length"),
    pooling: own("pooling_type"),
    numbers: figures(buffer, `${architecture}.`, values),
    template: text("tokenizer.chat_template"),
    templates: Object.keys(templates).length > 0 ? templates : undefined,
    bos: bosId === undefined ? undefined : named.get(bosId),
    eos: eosId === undefined ? undefined : named.get(eosId),
    vocabulary: isArrayAt(tokens) ? tokens.items : undefined,
    specialTokens: special.flatMap(({ id, control }) => {
      const name = named.get(id);
      return name !== undefined && (control || /^[<[].*[>\]]$/s.test(name)) ? [{ id, text: name }] : [];
    }),
  });
}

type Loose<T> = { [K in keyof T]: T[K] | undefined };

function clean(
  header: Loose<GgufHeader> & { version: number; tensors: number; specialTokens: SpecialToken[] },
) {
  const { version, tensors, specialTokens, ...rest } = header;
  const known: GgufHeader = { version, tensors, specialTokens };
  return Object.assign(
    known,
    Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
  );
}

function numbersOf(buffer: Buffer, array: ArrayAt): (number | boolean)[] {
  const cursor = new Cursor(buffer);
  cursor.at = array.at;
  return Array.from({ length: Math.min(array.items, 1000) }, () => cursor.number(array.type));
}

function figures(
  buffer: Buffer,
  prefix: string,
  values: ReadonlyMap<string, Value>,
): Record<string, number | number[]> {
  const found: Record<string, number | number[]> = {};
  for (const [key, value] of values) {
    if (!key.startsWith(prefix) || typeof value === "string") continue;
    const name = key.slice(prefix.length);
    if (!isArrayAt(value)) found[name] = Number(value);
    else if (value.type in TYPE_BYTES) found[name] = numbersOf(buffer, value).map(Number);
  }
  return found;
}

function specialIds(buffer: Buffer, types: ArrayAt): { id: number; control: boolean }[] {
  const found: { id: number; control: boolean }[] = [];
  for (let id = 0; id < types.items; id++) {
    const type = buffer.readInt32LE(types.at + 4 * id);
    if (type === CONTROL || type === USER_DEFINED) found.push({ id, control: type === CONTROL });
  }
  return found;
}

/** The texts at these places of an array of texts. */
function* pick(buffer: Buffer, array: ArrayAt, wanted: ReadonlySet<number>): Iterable<[number, string]> {
  const cursor = new Cursor(buffer);
  cursor.at = array.at;
  for (let i = 0; i < array.items; i++) {
    const bytes = cursor.count(MAX_STRING_BYTES, "a text length of");
    const start = cursor.skip(bytes);
    if (wanted.has(i)) yield [i, buffer.toString("utf8", start, start + bytes)];
  }
}
