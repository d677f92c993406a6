import { expect, test } from "vitest";
import type { Batches } from "../../../src/chunk/batches.ts";
import type { InputList } from "../../../src/chunk/input-list.ts";
import { decodeValue, encodeValue } from "../../../src/chunk/value-codec.ts";
import { PacketWriter, packetsOf } from "../../../src/worker/kernels/bag-packets.ts";

/** Twelve fields, of which every record has others. */
function record(n: number): Record<string, unknown> {
  const fields = Array.from({ length: 12 }, (_, f) => [`field${f}`, f % 2 ? `text ${n}` : n * f]);
  return Object.fromEntries(fields.filter((_, f) => ((n * 37) >> f) % 2 === 0));
}

const same = (n: number): Record<string, unknown> => ({ id: n, name: `text ${n}`, half: n / 2 });

/** What comes of records in packets, and the bytes that these take. */
async function sent(
  parts: readonly (readonly unknown[])[],
): Promise<{ records: unknown[]; bytes: number }> {
  const writer = new PacketWriter(parts.length);
  for (const [part, records] of parts.entries()) {
    for (const [key, each] of records.entries()) writer.add(part, key, each);
  }
  const pieces = [...writer.pieces()];
  const list: InputList<Batches<Uint8Array> | undefined> = {
    length: pieces.length,
    all: async () => pieces,
    async *[Symbol.asyncIterator]() {
      yield* pieces;
    },
  };
  const packets = await Array.fromAsync(packetsOf(list));
  return {
    records: packets.flatMap((packet) => packet.records),
    bytes: packets.reduce((sum, packet) => sum + packet.bytes, 0),
  };
}

const plainBytes = (values: readonly unknown[]): number => encodeValue(values).length;

test.each([
  ["of their own fields each", record],
  ["of the same fields", same],
])("few records a part %s take about what they take as they are", async (_kind, made) => {
  for (const perPart of [1, 2, 5]) {
    const parts = Array.from({ length: 100 }, (_, part) =>
      Array.from({ length: perPart }, (__, i) => made(part * perPart + i)),
    );
    const { records, bytes } = await sent(parts);
    expect(records).toEqual(parts.flat());
    // Beside the records a packet has their keys, and says what is what.
    const plain = parts.reduce((sum, part) => sum + plainBytes(part), 0);
    expect(bytes).toBeLessThan(plain + parts.length * 100);
  }
});

test("many records of the same fields go field by field, which packs fast", async () => {
  const writer = new PacketWriter(1);
  for (let n = 0; n < 500; n++) writer.add(0, n, same(n));
  const [batches] = writer.pieces();
  const packets = (await batches?.toArray()) ?? [];
  expect(packets.map((packet) => decodeValue(packet))).toMatchObject([
    { records: { kind: "fields", count: 500, names: ["id", "name", "half"] } },
  ]);
});
