import { describe, expect, test } from "vitest";
import { formatBytes, parseByteSize } from "../../src/base/byte-size.ts";
import { isLambdaskError } from "../../src/base/errors.ts";

describe("a size in bytes", () => {
  test.each([
    [1, 1],
    [1.9, 1],
    ["1", 1],
    ["17 b", 17],
    ["2 kB", 2000],
    ["2 KiB", 2048],
    ["256 MiB", 268_435_456],
    ["1.5gib", 1_610_612_736],
    ["  3 GB  ", 3_000_000_000],
    ["0.5 KiB", 512],
    ["1 TiB", 1_099_511_627_776],
    ["1 tb", 1_000_000_000_000],
  ])("is read from %o", (size, bytes) => {
    expect(parseByteSize(size, "memory")).toBe(bytes);
  });

  test.each([
    0,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "",
    "MiB",
    "1 XB",
    "1 MiB extra",
    "-1 MiB",
    "1e3",
    "0 B",
    "0.1 B",
    "1,5 GiB",
    null,
    undefined,
    {},
    5n,
    "toString",
  ])("is refused as %o, naming the option", (size) => {
    let thrown: unknown;
    try {
      // Programs without types pass anything.
      parseByteSize(size as string, "connect: memory");
    } catch (error) {
      thrown = error;
    }
    expect(isLambdaskError(thrown, "BAD_ARGUMENT")).toBe(true);
    expect(String(thrown)).toContain("connect: memory: expected");
  });

  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.00 KiB"],
    [1536, "1.50 KiB"],
    [10 * 1024, "10.0 KiB"],
    [268_435_456, "256 MiB"],
    [1_610_612_736, "1.50 GiB"],
    [1_125_899_906_842_624, "1.00 PiB"],
  ])("%d is written as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
