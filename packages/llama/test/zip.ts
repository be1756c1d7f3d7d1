import { crc32, deflateRawSync } from "node:zlib";

/** A zip of these files, packed or stored; for tests. */
export function writeZip(files: Readonly<Record<string, Buffer>>, packed: boolean): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const data = packed ? deflateRawSync(content) : content;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(packed ? 8 : 0, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    // The local entry has an extra field that the directory does not repeat, as some tools write it.
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, Buffer.from(name), Buffer.alloc(4)]);
    local.writeUInt16LE(4, 28);
    const central = Buffer.concat([
      Buffer.from("PK\x01\x02\x14\x00"),
      common,
      Buffer.alloc(14),
      Buffer.from(name),
    ]);
    central.writeUInt32LE(at, 42);
    directory.push(central);
    parts.push(local, data);
    at += local.length + data.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(7, 20);
  return Buffer.concat([...parts, listed, end, Buffer.from("comment")]);
}
