import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  blockOfBytes,
  type Dtype,
  elementBytes,
  isDtype,
  makeBlock,
  placeBlock,
  sliceBlock,
} from "../../src/chunk/block.ts";

/** A block whose element at position p is the row-major number of p. */
function counting(shape: readonly number[]): ReturnType<typeof makeBlock<"int32">> {
  const block = makeBlock("int32", shape);
  for (let i = 0; i < block.data.length; i++) block.data[i] = i;
  return block;
}

describe("a slice of a block", () => {
  test("of two dimensions is the rows and columns asked for", () => {
    const slice = sliceBlock(counting([3, 4]), [1, 1], [3, 3]);

    expect(slice.shape).toEqual([2, 2]);
    expect([...slice.data]).toEqual([5, 6, 9, 10]);
  });

  test("of no dimensions is the one element", () => {
    expect([...sliceBlock(counting([]), [], []).data]).toEqual([0]);
  });

  test("may be empty", () => {
    expect(sliceBlock(counting([3, 4]), [1, 2], [3, 2]).data.length).toBe(0);
    expect(sliceBlock(counting([0, 4]), [0, 0], [0, 4]).shape).toEqual([0, 4]);
  });

  test("holds, for any box of three dimensions, what a loop finds there (fast-check)", () => {
    const axis = fc.tuple(fc.nat(4), fc.nat(4), fc.nat(3));
    fc.assert(
      fc.property(axis, axis, axis, (...axes) => {
        const start = axes.map(([from]) => from);
        const end = axes.map(([from, length]) => from + length);
        const shape = axes.map(([from, length, rest]) => from + length + rest);
        const [rows = 0, columns = 0, depth = 0] = shape;
        const expected: number[] = [];
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < columns; j++)
            for (let k = 0; k < depth; k++) {
              const inside = [i, j, k].every((p, a) => p >= (start[a] ?? 0) && p < (end[a] ?? 0));
              if (inside) expected.push((i * columns + j) * depth + k);
            }

        expect([...sliceBlock(counting(shape), start, end).data]).toEqual(expected);
      }),
    );
  });

  test("can be put back where it came from", () => {
    const whole = counting([4, 5, 6]);
    const copy = makeBlock("int32", [4, 5, 6]);
    for (const [start, end] of [
      [
        [0, 0, 0],
        [4, 2, 6],
      ],
      [
        [0, 2, 0],
        [3, 5, 6],
      ],
      [
        [3, 2, 0],
        [4, 5, 6],
      ],
    ] as const) {
      placeBlock(copy, sliceBlock(whole, start, end), start);
    }

    expect(copy.data).toEqual(whole.data);
  });
});

describe("a block", () => {
  test("of each dtype has elements of its size", () => {
    const sizes: [Dtype, number][] = [
      ["int8", 1],
      ["uint8", 1],
      ["int16", 2],
      ["uint16", 2],
      ["int32", 4],
      ["uint32", 4],
      ["int64", 8],
      ["uint64", 8],
      ["float32", 4],
      ["float64", 8],
    ];
    for (const [dtype, bytes] of sizes) {
      expect(elementBytes(dtype)).toBe(bytes);
      expect(makeBlock(dtype, [2, 3]).data.byteLength).toBe(6 * bytes);
      expect(isDtype(dtype)).toBe(true);
    }
    expect(isDtype("toString")).toBe(false);
  });

  test("is read from bytes at any offset", () => {
    const bytes = new Uint8Array(2 + 16);
    new DataView(bytes.buffer).setFloat64(2, 1.5, true);
    new DataView(bytes.buffer).setFloat64(10, -2.5, true);

    expect([...blockOfBytes("float64", [2], bytes.subarray(2)).data]).toEqual([1.5, -2.5]);
  });

  test("whose shape and elements disagree is refused", () => {
    expect(() => blockOfBytes("float64", [3], new Uint8Array(16))).toThrow();
  });
});
