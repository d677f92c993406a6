import { fromSequence } from "../../../src/bag.ts";

const perPartition = 100;
const recordBytes = 100_000;
const keys = 200;

/** Records of 100 kB that are grouped by one of 200 keys: as many bytes as are asked for, and what must come of it. */
export function largeExchange(bytesMin: number): {
  readonly bytes: number;
  compute(): Promise<ReadonlyMap<number, number>>;
  readonly expected: ReadonlyMap<number, number>;
} {
  const partitions = Math.ceil(bytesMin / (perPartition * recordBytes));
  const text = "x".repeat(recordBytes - 10);
  const rows = fromSequence(
    Array.from({ length: partitions }, (_, i) => i),
    { partitions },
  )
    .map((part) =>
      Array.from({ length: perPartition }, (_, i) => ({ key: (part + i) % keys, text })),
    )
    .flatten();
  const sizes = rows
    .groupBy(({ key }) => key, { partitions })
    .map(([key, group]) => [key, group.length] as const);
  // Each part has 100 of the 200 keys, that many after its own number.
  const expected = new Map<number, number>();
  for (let part = 0; part < partitions; part++) {
    for (let i = 0; i < perPartition; i++) {
      const key = (part + i) % keys;
      expected.set(key, (expected.get(key) ?? 0) + 1);
    }
  }
  return {
    bytes: partitions * perPartition * recordBytes,
    compute: async () => new Map(await sizes.compute()),
    expected,
  };
}
