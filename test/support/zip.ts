import { crc32, deflateRawSync } from "node:zlib";

/** A zip file of `files`, as deployment packages are sent. */
export function zipOf(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const parts: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const path = Buffer.from(name);
    const packed = deflateRawSync(bytes);
    const facts = factsOf(bytes, packed.length, path.length);
    const local = Buffer.concat([Buffer.from("PK\x03\x04\x14\0", "latin1"), facts, path, packed]);
    const central = Buffer.alloc(14);
    // Readable for everybody: Lambda runs the code as another user.
    central.writeUInt32LE(0o100644 * 2 ** 16, 6);
    central.writeUInt32LE(offset, 10);
    entries.push(
      Buffer.concat([Buffer.from("PK\x01\x02\x14\x03\x14\0", "latin1"), facts, central, path]),
    );
    parts.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}

/** What stands both before a file's bytes and in the directory: method, time, checksum, sizes, lengths. */
function factsOf(bytes: Uint8Array, packedBytes: number, nameBytes: number): Buffer {
  const facts = Buffer.alloc(24);
  facts.writeUInt16LE(8, 2);
  // 1 January 1980, the first day there is.
  facts.writeUInt16LE(0x21, 6);
  facts.writeUInt32LE(crc32(bytes), 8);
  facts.writeUInt32LE(packedBytes, 12);
  facts.writeUInt32LE(bytes.length, 16);
  facts.writeUInt16LE(nameBytes, 20);
  return facts;
}
