import { describe, expect, test } from "vitest";
import type { InputRef } from "../../src/backend/task.ts";
import type { ChunkKey } from "../../src/base/ids.ts";
import { Partitioned } from "../../src/chunk/partitioned.ts";
import { readSummary } from "../../src/chunk/stored-chunk.ts";
import { MemoryStore } from "../../src/local/memory-store.ts";
import { ChunkInputs } from "../../src/worker/chunk-inputs.ts";
import { InputReader } from "../../src/worker/input-reader.ts";
import { chunkBytes, inline, outputKey } from "./harness.ts";

/** A store that counts the reads that are under way. */
class CountingStore extends MemoryStore {
  underWay = 0;
  most = 0;
  reads = 0;

  override async getRange(
    ...args: Parameters<MemoryStore["getRange"]>
  ): Promise<Uint8Array | undefined> {
    this.reads++;
    this.most = Math.max(this.most, ++this.underWay);
    // Other reads that start at once get their turn before this one ends.
    await new Promise((resolve) => setImmediate(resolve));
    const bytes = await super.getRange(...args);
    this.underWay--;
    return bytes;
  }
}

function reader(store: MemoryStore): InputReader {
  return new InputReader({ store, signal: new AbortController().signal, now: () => 0 });
}

async function putAll(store: MemoryStore, values: readonly unknown[]): Promise<InputRef[]> {
  const keys: ChunkKey[] = values.map((_, i) => outputKey(i));
  for (const [i, value] of values.entries()) {
    await store.putIfAbsent(keys[i] ?? outputKey(0), await chunkBytes(value));
  }
  return keys.map((key) => ({ key }));
}

describe("a list of input chunks", () => {
  test("that came with the task is decoded from what came", async () => {
    const store = new CountingStore(() => 0);
    const list = new ChunkInputs([await inline("a"), await inline(2)], reader(store));

    expect(list.length).toBe(2);
    expect(await list.all()).toEqual(["a", 2]);
    expect(store.reads).toBe(0);
  });

  test("is read in order, a few at a time and no more than four", async () => {
    const store = new CountingStore(() => 0);
    const values = Array.from({ length: 20 }, (_, i) => `chunk ${i}`);
    const list = new ChunkInputs(await putAll(store, values), reader(store));

    const seen: unknown[] = [];
    for await (const chunk of list) seen.push(chunk);

    expect(seen).toEqual(values);
    expect(store.most).toBeGreaterThan(1);
    expect(store.most).toBeLessThanOrEqual(4);
    expect(await list.all()).toEqual(values);
    expect(store.most).toBeLessThanOrEqual(4);
  });

  test("can be read again, and stops reading when its reader stops", async () => {
    const store = new CountingStore(() => 0);
    const values = Array.from({ length: 20 }, (_, i) => i);
    const list = new ChunkInputs(await putAll(store, values), reader(store));

    for (let round = 0; round < 2; round++) {
      for await (const chunk of list) {
        expect(chunk).toBe(0);
        break;
      }
    }

    expect(store.reads).toBeLessThanOrEqual(2 * 4);
  });

  test("of large chunks is fetched one by one: what lies ahead is held in memory", async () => {
    const store = new CountingStore(() => 0);
    const large = Array.from({ length: 3 }, (_, i) => new Uint8Array(17 * 2 ** 20).fill(i));
    const list = new ChunkInputs(await putAll(store, large), reader(store));
    store.most = 0;

    let chunks = 0;
    for await (const chunk of list) {
      // The runner would compare 17 MiB element by element.
      const expected = large[chunks++] ?? new Uint8Array();
      expect(Buffer.compare(chunk as Uint8Array, expected)).toBe(0);
      expect(store.underWay).toBe(0);
    }

    expect(chunks).toBe(3);
  });

  test("of pieces of an exchange gives `undefined` for empty ones", async () => {
    const store = new MemoryStore(() => 0);
    const bytes = await chunkBytes(new Partitioned(3, ["a", undefined, "c"]));
    await store.putIfAbsent(outputKey(0), bytes);
    const summary = await readSummary({
      end: async () => bytes,
      range: async () => bytes,
      whole: async () => bytes,
      corrupt: (detail) => new Error(detail),
    });
    const refs = (summary.parts ?? []).map(({ offset, length, checksum }, part) => ({
      key: outputKey(0),
      part: { part, offset, length, checksum },
    }));

    const seen: unknown[] = [];
    for await (const piece of new ChunkInputs(refs, reader(store))) seen.push(piece);

    expect(seen).toEqual(["a", undefined, "c"]);
  });

  test("that fails in the middle fails there, and nowhere else", async () => {
    const store = new MemoryStore(() => 0);
    const refs = await putAll(store, ["a", "b", "c", "d"]);
    await store.delete(outputKey(2));
    const seen: unknown[] = [];

    const reading = (async () => {
      for await (const chunk of new ChunkInputs(refs, reader(store))) seen.push(chunk);
    })();

    await expect(reading).rejects.toMatchObject({
      failure: { kind: "lost-input", key: outputKey(2) },
    });
    expect(seen).toEqual(["a", "b"]);
  });
});
