import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLambdaskError } from "../../src/base/errors.ts";
import { Batches } from "../../src/chunk/batches.ts";
import { type Block, makeBlock } from "../../src/chunk/block.ts";
import { decodeChunk, encodeChunk } from "../../src/chunk/codec.ts";
import type { ChunkSummary } from "../../src/chunk/encoded-chunk.ts";
import { type EncodedPiece, Partitioned } from "../../src/chunk/partitioned.ts";
import { type ChunkBytes, readChunk, readSummary } from "../../src/chunk/stored-chunk.ts";
import { encodeValue } from "../../src/chunk/value-codec.ts";

interface Written {
  readonly bytes: Uint8Array;
  readonly summary: ChunkSummary;
  readonly streamed: boolean;
}

/** All bytes of an encoded chunk, streamed or not. */
async function write(output: unknown, wholeBytesMax = 32 * 1024): Promise<Written> {
  const statistics = (): unknown => ({ least: 1 });
  const encoded = await encodeChunk(output, { wholeBytesMax, statistics });
  if (encoded.kind === "whole") return { ...encoded, streamed: false };
  const frames: Uint8Array[] = [];
  for await (const frame of encoded.frames) frames.push(frame);
  return { bytes: Buffer.concat(frames), summary: encoded.summary(), streamed: true };
}

/** Everything in a decoded chunk, as plain data. */
async function unfold(value: unknown): Promise<unknown> {
  if (value instanceof Batches) return value.toArray();
  if (!(value instanceof Partitioned)) return value;
  const pieces: unknown[] = [];
  for await (const piece of value.pieces) pieces.push(await unfold(piece));
  return pieces;
}

function encodedPieces(bytes: Uint8Array): (EncodedPiece | undefined)[] {
  const decoded = decodeChunk(bytes);
  return decoded instanceof Partitioned ? [...(decoded.encoded ?? [])] : [];
}

/** A stored chunk in memory that records which ranges were read. */
function stored(bytes: Uint8Array): ChunkBytes & { readonly reads: [number, number][] } {
  const reads: [number, number][] = [];
  const range = (offset: number, length: number): Promise<Uint8Array> => {
    const part = new Uint8Array(bytes.subarray(offset, offset + length));
    reads.push([offset, part.length]);
    return Promise.resolve(part);
  };
  return {
    reads,
    end: (length) => range(Math.max(0, bytes.length - length), length),
    range,
    whole: () => range(0, bytes.length),
    corrupt: (detail) => new Error(`corrupt: ${detail}`),
  };
}

const records = Array.from({ length: 3000 }, (_, i) => ({ id: i, name: `n${i % 17}`, x: -0 }));

async function* later<T>(batches: readonly (readonly T[])[]): AsyncIterable<readonly T[]> {
  yield* batches;
}

const kinds: [string, () => unknown, unknown, number][] = [
  ["a value", () => ({ a: [1, undefined] }), { a: [1, undefined] }, 1],
  ["undefined", () => undefined, undefined, 1],
  ["an array", () => [1, 2, 3], [1, 2, 3], 3],
  ["a Map", () => new Map([[1, 2]]), new Map([[1, 2]]), 1],
  ["a block", () => block(), block(), 6],
  ["batches", () => Batches.of(records), records, 3000],
  ["batches that come later", () => new Batches(later([[1, 2], [], [3]])), [1, 2, 3], 3],
  ["batches without records", () => Batches.of([]), [], 0],
  ["one record", () => Batches.of(["x"]), ["x"], 1],
  [
    "an exchange",
    () => new Partitioned(6, [Batches.of(records), undefined, Batches.of([]), 7, block(), [1]]),
    [records, undefined, undefined, 7, block(), [1]],
    3000 + 1 + 6 + 1,
  ],
  [
    "an exchange of nothing",
    () => new Partitioned(2, [undefined, undefined]),
    [undefined, undefined],
    0,
  ],
];

function block(): Block {
  const made = makeBlock("float64", [2, 3]);
  made.data.set([1, 2.5, -0, Number.NaN, 5, 6]);
  return made;
}

describe.each([
  ["whole", 2 ** 30],
  ["streamed", 0],
])("a chunk written %s", (_, wholeBytesMax) => {
  test.each(kinds)("comes back: %s", async (_, make, expected, rows) => {
    const { bytes, summary } = await write(make(), wholeBytesMax);

    expect(await unfold(decodeChunk(bytes, { checksum: summary.checksum }))).toStrictEqual(
      expected,
    );
    expect(summary).toMatchObject({ bytes: bytes.length, rows, statistics: { least: 1 } });
  });

  test.each(kinds)("has a footer that says what its writer said: %s", async (_, make) => {
    const { bytes, summary } = await write(make(), wholeBytesMax);

    expect(await readSummary(stored(bytes))).toEqual(summary);
    expect(await unfold(await readChunk(stored(bytes)))).toStrictEqual(
      await unfold(decodeChunk(bytes)),
    );
  });
});

test("written whole or streamed, the bytes are the same", async () => {
  for (const [, make] of kinds) {
    const whole = await write(make(), 2 ** 30);
    const streamed = await write(make(), 0);
    expect(Buffer.compare(whole.bytes, streamed.bytes)).toBe(0);
  }
});

test("a block is a view of its bytes, or a copy where they are shared", async () => {
  const { bytes } = await write(block());

  (decodeChunk(bytes, { shared: true }) as Block<"float64">).data[0] = 9;
  expect((decodeChunk(bytes) as Block<"float64">).data[0]).toBe(1);

  const aligned = new Uint8Array(new ArrayBuffer(bytes.length));
  aligned.set(bytes);
  expect((decodeChunk(aligned) as Block).data.buffer).toBe(aligned.buffer);
});

test("a small value is encoded without a promise", () => {
  expect(encodeChunk({ a: 1 })).not.toBeInstanceOf(Promise);
  expect(encodeChunk(Batches.of([1, 2]))).not.toBeInstanceOf(Promise);
});

describe("the pieces of an exchange", () => {
  test("lie where the summary says, and each can be read and verified alone", async () => {
    const pieces = [Batches.of(records), undefined, block(), "x", Batches.of([])];

    const { bytes, summary } = await write(new Partitioned(5, pieces));

    const parts = summary.parts ?? [];
    expect(parts.map((part) => part.rows)).toEqual([3000, 0, 6, 1, 0]);
    expect(parts.map((part) => part.length === 0)).toEqual([false, true, false, false, true]);
    const values = parts.map(({ offset, length, checksum }) =>
      length === 0 ? undefined : decodeChunk(bytes.subarray(offset, offset + length), { checksum }),
    );
    expect(await Promise.all(values.map(unfold))).toStrictEqual([
      records,
      undefined,
      block(),
      "x",
      undefined,
    ]);
  });

  test("may be exchanges themselves, and go into another one as they were read", async () => {
    const inner = new Partitioned(3, [Batches.of(records), undefined, block()]);
    const { bytes } = await write(new Partitioned(2, [inner, "x"]));
    const [first, second] = encodedPieces(bytes);

    const again = await write(new Partitioned(3, [second, undefined, first]));

    expect(await unfold(decodeChunk(again.bytes))).toStrictEqual([
      "x",
      undefined,
      [records, undefined, block()],
    ]);
    expect(again.summary.rows).toBe(3000 + 6 + 1);
  });

  test.each([
    ["a value", 8, "x"],
    ["a block", 64, block()],
    ["batches", 8, Batches.of(records)],
    ["an exchange", 8 + 8, new Partitioned(1, ["x"])],
  ])("%s is refused before it is handed on if a byte is wrong", async (_name, body, piece) => {
    const { bytes, summary } = await write(new Partitioned(1, [piece]));
    const at = (summary.parts?.[0]?.offset ?? 0) + body;
    bytes[at] = (bytes[at] ?? 0) ^ 1;

    expect(() => encodedPieces(bytes)).toThrow(/checksum/);
  });

  test("cannot pass for one another", async () => {
    const { bytes, summary } = await write(new Partitioned(2, ["a", "b"]));
    const [first, second] = summary.parts ?? [];

    expect(() =>
      decodeChunk(bytes.subarray(second?.offset, bytes.length - 1).subarray(0, second?.length), {
        checksum: first?.checksum,
      }),
    ).toThrow(/another chunk/);
  });

  test("must be as many as were promised", async () => {
    await expect(write(new Partitioned(3, ["a", "b"]))).rejects.toThrow(/2 of 3 pieces/);
    await expect(write(new Partitioned(1, ["a", "b"]))).rejects.toThrow(/more than 1 pieces/);
  });
});

test("a lazy result is written as its own data, and flagged", async () => {
  const lazy = { [Symbol.for("lambdask.toData")]: () => ({ "lambdask.lazy": 1, calls: [] }) };

  const { bytes, summary } = await write(lazy);

  expect(summary.lazy).toBe(true);
  expect((await readSummary(stored(bytes))).lazy).toBe(true);
  expect(decodeChunk(bytes)).toEqual({ "lambdask.lazy": 1, calls: [] });
  expect((await write({ a: 1 })).summary.lazy).toBe(false);
});

describe("damage is found", () => {
  const small: [string, () => unknown][] = [
    ["a value", () => ({ a: [1, "two"] })],
    ["a block", block],
    ["batches", () => Batches.of([{ a: 1 }, { a: 2 }])],
    ["an exchange", () => new Partitioned(3, ["a", undefined, Batches.of([1])])],
  ];

  /** True if reading everything in `bytes` fails with the code for damage. */
  async function isFound(bytes: Uint8Array, checksum: number): Promise<boolean> {
    try {
      await unfold(decodeChunk(bytes, { checksum }));
      return false;
    } catch (error) {
      return isLambdaskError(error, "CORRUPT_CHUNK");
    }
  }

  test.each(small)("every flipped bit of every byte of %s", async (_, make) => {
    const { bytes, summary } = await write(make());
    const missed: string[] = [];
    for (let i = 0; i < bytes.length; i++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = Uint8Array.from(bytes);
        damaged[i] = (damaged[i] ?? 0) ^ (1 << bit);
        if (!(await isFound(damaged, summary.checksum))) missed.push(`byte ${i} bit ${bit}`);
      }
    }
    expect(missed).toEqual([]);
  });

  test.each(small)("every truncation of %s, at its end and at its start", async (_, make) => {
    const { bytes, summary } = await write(make());
    const missed: number[] = [];
    for (let length = 0; length < bytes.length; length++) {
      if (!(await isFound(bytes.subarray(0, length), summary.checksum))) missed.push(length);
      if (!(await isFound(bytes.subarray(length + 1), summary.checksum))) missed.push(-length);
    }
    expect(missed).toEqual([]);
  });

  test("bytes too many", async () => {
    const { bytes, summary } = await write({ a: 1 });

    expect(await isFound(Buffer.concat([bytes, bytes]), summary.checksum)).toBe(true);
    expect(await isFound(Buffer.concat([new Uint8Array(1), bytes]), summary.checksum)).toBe(true);
  });

  test("a sound chunk of another version is told from a damaged one", async () => {
    const encoded = await encodeChunk({ a: 1 });
    if (encoded.kind !== "whole") throw new Error("was streamed");
    // As the format's page has it: version before the checksum, which is the CRC-32 of the footer xor 0x6b61.
    const bytes = Buffer.from(encoded.bytes);
    bytes[bytes.length - 5] = 1;
    const footer = bytes.subarray(bytes.length - 32, bytes.length - 4);
    bytes.writeUInt32LE((crc32(footer) ^ 0x6b61) >>> 0, bytes.length - 4);

    expect(() => decodeChunk(bytes)).toThrow(/format version 1 .*\[MISMATCH\]/s);
  });

  test("in any random bytes (fast-check)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await isFound(bytes, 0)).toBe(true);
      }),
    );
  });
});

describe("a large part of a bag", () => {
  const line = (i: number): string => `${i} the quick brown fox jumps over the lazy dog`;
  function* lines(count: number): Iterable<string[]> {
    for (let i = 0; i < count; i += 500) yield Array.from({ length: 500 }, (_, j) => line(i + j));
  }

  test("is written in frames of about 256 KiB, packed where that pays", async () => {
    const { bytes, summary, streamed } = await write(new Batches(lines(200_000)));

    expect(streamed).toBe(true);
    expect(summary.rows).toBe(200_000);
    // 200,000 lines of about 50 characters are some 10 MB; such text shrinks well below 0.7.
    expect(bytes.length).toBeLessThan(5_000_000);
  });

  test("is fetched run by run while it is read, and never whole", async () => {
    // Random text does not shrink, so the chunk is large enough to be streamed.
    const noise = (i: number): string =>
      Array.from({ length: 20 }, (_, j) => Math.imul(i * 20 + j + 1, 0x9e3779b1).toString(36)).join(
        "",
      );
    const values = Array.from({ length: 60_000 }, (_, i) => noise(i));
    const { bytes } = await write(Batches.of(values));
    const chunk = stored(bytes);

    const batches = (await readChunk(chunk)) as Batches;
    const readBefore = chunk.reads.reduce((sum, [, length]) => sum + length, 0);
    const back = await batches.toArray();

    expect(bytes.length).toBeGreaterThan(4 * 2 ** 20);
    expect(readBefore).toBeLessThan(128 * 1024);
    expect(Math.max(...chunk.reads.map(([, length]) => length))).toBeLessThan(2.5 * 2 ** 20);
    expect(back).toEqual(values);
  });

  test("that is damaged in the middle fails when its reader comes there", async () => {
    const values = Array.from({ length: 60_000 }, (_, i) =>
      `${Math.imul(i, 0x9e3779b1)}`.repeat(10),
    );
    const { bytes } = await write(Batches.of(values));
    const damaged = Uint8Array.from(bytes);
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;

    const batches = (await readChunk(stored(damaged))) as Batches;

    await expect(batches.toArray()).rejects.toThrow(/^corrupt: the frame at byte \d+/);
  });

  test("lets go of its source when a record is not data", async () => {
    const ended: string[] = [];
    function* sync(): Iterable<readonly unknown[]> {
      try {
        yield Array.from({ length: 512 }, () => () => 1);
      } finally {
        ended.push("sync");
      }
    }
    async function* async(): AsyncIterable<readonly unknown[]> {
      try {
        yield* sync();
      } finally {
        ended.push("async");
      }
    }

    for (const source of [sync(), async()]) {
      const encoding = (async () => encodeChunk(new Batches(source)))();
      await expect(encoding).rejects.toThrow(/not plain data: records\[0\]: a function/);
    }

    expect(ended).toEqual(["sync", "sync", "async"]);
  });

  test("lets go of its source when the stream is closed early", async () => {
    let ended = false;
    async function* source(): AsyncIterable<readonly string[]> {
      try {
        yield* lines(1_000_000);
      } finally {
        ended = true;
      }
    }
    const encoded = await encodeChunk(new Batches(source()));
    if (encoded.kind !== "stream") throw new Error("was not streamed");

    await encoded.close();

    expect(ended).toBe(true);
  });
});

test("batches of any sizes come back in order (fast-check)", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.jsonValue(), { maxLength: 700 }), { maxLength: 5 }),
      async (batches) => {
        // JSON.parse gives the field `__proto__` as data, and so does the codec.
        const { bytes, summary } = await write(new Batches(batches), 100);
        expect(await unfold(decodeChunk(bytes))).toEqual(batches.flat());
        expect(summary.rows).toBe(batches.flat().length);
      },
    ),
    { numRuns: 50 },
  );
});

describe("a value that is only a large view", () => {
  const large = Uint8Array.from({ length: 2 ** 20 + 3 }, (_, i) => i * 7);
  const whole = (value: unknown): Uint8Array => {
    const encoded = encodeChunk(value, { wholeBytesMax: Number.POSITIVE_INFINITY });
    if (encoded instanceof Promise || encoded.kind !== "whole") throw new Error("not at once");
    return encoded.bytes;
  };

  test.each([
    ["Uint8Array", large],
    ["Buffer", Buffer.from(large)],
    ["Float64Array", new Float64Array(200_000).fill(0.5)],
    ["BigInt64Array", new BigInt64Array(200_000).fill(-3n)],
    ["DataView", new DataView(large.buffer, 1, 2 ** 20)],
    ["ArrayBuffer", large.slice().buffer],
    ["a part of another", large.subarray(3)],
  ])("%s comes back as it was, and is read to where it stays", async (_, value) => {
    const bytes = whole(value);
    // What the packer writes, before the footer: the start of a view is not made by hand.
    const packed = encodeValue(value);
    expect(Buffer.compare(bytes.subarray(8, 8 + packed.length), packed)).toBe(0);
    expect(decodeChunk(bytes)).toEqual(value);
    const chunk = stored(bytes);
    expect(await readChunk(chunk)).toEqual(value);
    const [, payload] = chunk.reads;
    expect(payload?.[1]).toBe(value.byteLength);
  });

  test("is refused if a byte of it is another", async () => {
    const bytes = whole(large);
    bytes[5000] = (bytes[5000] ?? 0) ^ 1;
    await expect(readChunk(stored(bytes))).rejects.toThrow(/corrupt/);
    await expect(readChunk({ ...stored(whole(large)), checksum: 7 })).rejects.toThrow(/corrupt/);
  });
});
