import { describe, expect, test } from "vitest";
import type { KernelTask } from "../../../src/backend/kernel.ts";
import { Batches } from "../../../src/chunk/batches.ts";
import type { InputList } from "../../../src/chunk/input-list.ts";
import { joinParts } from "../../../src/worker/kernels/bag-join.ts";
import { PacketWriter } from "../../../src/worker/kernels/bag-packets.ts";

interface Row {
  readonly key: number;
  readonly text: string;
}

/** One side of a join: a piece of one part per producer; counts how often it is read. */
class Side implements InputList {
  readonly #producers: readonly (readonly Row[])[];
  reads = 0;

  constructor(producers: readonly (readonly Row[])[]) {
    this.#producers = producers;
  }

  get length(): number {
    return this.#producers.length;
  }

  get bytes(): number {
    return this.#producers.flat().reduce((sum, row) => sum + row.text.length + 8, 0);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    this.reads++;
    for (const rows of this.#producers) {
      const writer = new PacketWriter(1);
      for (const row of rows) writer.add(0, row.key, row);
      yield* writer.pieces();
    }
  }

  async all(): Promise<unknown[]> {
    return expect.fail("a side is never held whole");
  }
}

function rowsOf(count: number, key: (n: number) => number, name: string): Row[] {
  return Array.from({ length: count }, (_, n) => ({ key: key(n), text: `${name}${n}` }));
}

async function join(self: Side, other: Side, tableBytesMax: number): Promise<unknown[]> {
  const pairs = joinParts({
    arguments: [self, other],
    params: { tableBytesMax },
    functions: [],
    shipped: [],
    task: {} as KernelTask, // This kernel asks nothing of its task.
  });
  if (!(pairs instanceof Batches)) return expect.fail("no batches");
  return pairs.toArray();
}

function named(pairs: readonly unknown[]): string[] {
  return (pairs as readonly [Row, Row][]).map(([a, b]) => `${a.text} ${b.text}`).sort();
}

describe("a part of a join", () => {
  const heavy = rowsOf(150, () => 1, "s");
  const alsoHeavy = [...rowsOf(90, () => 1, "o"), ...rowsOf(5, (n) => n + 2, "x")];
  const expected = heavy.flatMap((a) =>
    alsoHeavy.filter((b) => b.key === a.key).map((b) => `${a.text} ${b.text}`),
  );

  test("makes its table in passes when it is larger than it may be", async () => {
    const self = new Side([heavy.slice(0, 70), [], heavy.slice(70)]);
    const other = new Side([alsoHeavy.slice(0, 30), alsoHeavy.slice(30, 60), alsoHeavy.slice(60)]);
    const pairs = await join(self, other, 1);
    expect(named(pairs)).toEqual(expected.toSorted());
    // A pass per packet of the table's side, which is read once.
    expect(other.reads).toBe(1);
    expect(self.reads).toBe(3);
  });

  test("makes the smaller side the table, whichever it is", async () => {
    const large = new Side([heavy]);
    const small = new Side([rowsOf(3, () => 1, "o")]);
    expect(await join(large, small, 2 ** 20)).toHaveLength(450);
    expect(named(await join(small, large, 2 ** 20))).toContain("o0 s0");
    expect(large.reads).toBe(2);
    expect(small.reads).toBe(2);
  });

  test("reads the streaming side not at all if the table is empty", async () => {
    const full = new Side([heavy]);
    expect(await join(full, new Side([[], []]), 2 ** 20)).toEqual([]);
    expect(full.reads).toBe(0);
  });
});
