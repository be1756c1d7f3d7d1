type Value = string | number | string[] | number[];

const U32 = 4;
const I32 = 5;
const STRING = 8;
const ARRAY = 9;

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function u64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function write(value: Value): Buffer[] {
  if (typeof value === "string") return [u32(STRING), text(value)];
  if (typeof value === "number") return [u32(U32), u32(value)];
  const inner = typeof value[0] === "string" ? STRING : I32;
  const items = value.map((item) => (typeof item === "string" ? text(item) : u32(item)));
  return [u32(ARRAY), u32(inner), u64(value.length), ...items];
}

/** The head of a GGUF file (version 3) with these values; for tests. */
export function writeGguf(values: Readonly<Record<string, Value>>, tensors = 1): Buffer {
  const pairs = Object.entries(values).flatMap(([key, value]) => [text(key), ...write(value)]);
  return Buffer.concat([
    Buffer.from("GGUF"),
    u32(3),
    u64(tensors),
    u64(Object.keys(values).length),
    ...pairs,
  ]);
}
