import { expect, test } from "vitest";
import { chunkKind } from "../../src/chunk/chunk-layout.ts";
import { encodeChunk } from "../../src/chunk/codec.ts";
import { Partitioned } from "../../src/chunk/partitioned.ts";
import { readFooter } from "../../src/chunk/stored-chunk.ts";
import { objectBytes } from "../../src/worker/object-bytes.ts";

test("what is left of an object that was cut behind one of its parts does not pass for an object of parts", async () => {
  const inner = (): Partitioned => new Partitioned(2, ["a", "b"]);
  const encoded = await encodeChunk(new Partitioned(2, [inner(), inner()]));
  if (encoded.kind !== "whole") throw new Error("a small chunk");
  const [first] = encoded.summary.parts ?? [];
  if (first === undefined) throw new Error("no parts");
  const footerOf = async (bytes: Uint8Array): Promise<number> => {
    const getRange = async (_: unknown, { offset, length }: { offset: number; length: number }) =>
      bytes.slice(offset < 0 ? Math.max(0, bytes.length + offset) : offset).subarray(0, length);
    const access = { store: { getRange, get: async () => bytes }, now: () => 0, onRead() {} };
    return (await readFooter(objectBytes({ key: "k" as never }, access as never))).kind;
  };
  expect(await footerOf(encoded.bytes)).toBe(chunkKind.parts);
  expect(await footerOf(encoded.bytes.slice(0, first.offset + first.length))).toBe(
    chunkKind.innerParts,
  );
});
