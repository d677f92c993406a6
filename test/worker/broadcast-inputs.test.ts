import { describe, expect, test } from "vitest";
import type { ChunkKey } from "../../src/base/ids.ts";
import { MemoryStore } from "../../src/local/memory-store.ts";
import { InputReader } from "../../src/worker/input-reader.ts";
import type { ChunkReader } from "../../src/worker/local-copies.ts";
import { chunkBytes, outputKey } from "./harness.ts";

/** A place where chunks are read that notes what it forgets. */
class Copies extends MemoryStore implements ChunkReader {
  readonly forgotten: ChunkKey[] = [];

  forget(key: ChunkKey): void {
    this.forgotten.push(key);
  }
}

const key = outputKey(7);

/** The same chunk of `value`, with one bit of its body turned over. */
async function damaged(value: unknown): Promise<Uint8Array> {
  const bytes = (await chunkBytes(value)).slice();
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return bytes;
}

async function scene(inStore: Uint8Array, inCopies: Uint8Array) {
  const [store, copies] = [new MemoryStore(), new Copies()];
  await store.putIfAbsent(key, inStore);
  await copies.putIfAbsent(key, inCopies);
  const access = { store, signal: new AbortController().signal, now: () => 0 };
  return { copies, reader: new InputReader({ ...access, copies }), far: new InputReader(access) };
}

describe("an input that many tasks read", () => {
  test("is read from the worker's copies, any other from the store", async () => {
    const { reader, far } = await scene(await chunkBytes("store"), await chunkBytes("copy"));
    expect(await reader.read({ key, broadcast: true })).toBe("copy");
    expect(await reader.read({ key })).toBe("store");
    expect(await reader.read({ key, broadcast: false })).toBe("store");
    // A worker that is near its store has no copies.
    expect(await far.read({ key, broadcast: true })).toBe("store");
  });

  test("is read from the store if the copy is damaged, which is forgotten", async () => {
    const text = "right".repeat(1000);
    const { reader, copies } = await scene(await chunkBytes(text), await damaged(text));
    expect(await reader.read({ key, broadcast: true })).toBe(text);
    expect(copies.forgotten).toEqual([key]);
  });

  test("that is damaged in the store too is the input's failure", async () => {
    const bad = await damaged("x".repeat(1000));
    const { reader } = await scene(bad, bad);
    await expect(reader.read({ key, broadcast: true })).rejects.toMatchObject({
      failure: { kind: "corrupt-input", key },
    });
  });
});
