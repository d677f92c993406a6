import { expect, test } from "vitest";
import { chunkKey } from "../../src/backend/chunk-key.ts";
import type { ChunkStore } from "../../src/backend/chunk-store.ts";
import type { ChunkKey } from "../../src/base/ids.ts";
import { MemoryStore } from "../../src/local/memory-store.ts";
import { deleteChunks, spillChunks } from "../../src/schedule/chunk-io.ts";
import { createKeeper } from "../../src/schedule/keeper.ts";
import { StageResults } from "../../src/schedule/results.ts";
import { numberBackend } from "./support/number-backend.ts";
import { checkedDriver, jobOf, sum } from "./support/numbers.ts";
import { planOf, stageOf } from "./support/stages.ts";

const stage = stageOf({ id: 1, count: 2500 });
const key = (index: number): ChunkKey => chunkKey(stage.name, index);
const from = { worker: 0, lazy: false };
const facts = { bytes: 3, rows: 1, checksum: 1 };

/** A store where requests cost: what it was asked to delete. */
function costly(): { readonly store: ChunkStore; readonly asked: ChunkKey[] } {
  const asked: ChunkKey[] = [];
  const store: ChunkStore = Object.assign(new MemoryStore(), {
    deleteAll: async (keys: readonly ChunkKey[]) => {
      asked.push(...keys);
    },
    list: () => {
      throw new Error("a listing costs");
    },
  });
  return { store, asked };
}

test("of a store where requests cost, blocks without chunks are left alone", async () => {
  const results = new StageResults(stage);
  results.set(3, { ...facts, inline: new Uint8Array(3) }, from);
  results.set(1007, facts, from);
  const { store, asked } = costly();
  await deleteChunks(store, results.storedChunks());
  expect(asked).toEqual(Array.from({ length: 1000 }, (_, i) => key(1000 + i)));
  results.setSpilled(3);
  results.setFound(2499, { bytes: 3, isKept: true });
  expect(results.storedChunks().blocks).toEqual([0, 1, 2]);
});

test("all blocks may have chunks where nothing is known of any", async () => {
  const { store, asked } = costly();
  await deleteChunks(store, new StageResults(stage).storedChunks());
  expect(asked.toSorted()).toEqual(Array.from({ length: 2500 }, (_, i) => key(i)).toSorted());
});

test("a store that lists is asked, whatever is known", async () => {
  const store = new MemoryStore();
  for (const index of [0, 1007, 2499]) await store.putIfAbsent(key(index), Uint8Array.of(1));
  const other = chunkKey(stageOf({ id: 2, count: 1 }).name, 0);
  await store.putIfAbsent(other, Uint8Array.of(1));
  await deleteChunks(store, { ...stage, blocks: [1] });
  expect(await Array.fromAsync(store.list(""), (object) => object.key)).toEqual([other]);
});

/** A backend whose store takes its time for what is not written by workers; chunks that are in the store. */
function slowlyWriting(): {
  readonly backend: ReturnType<typeof numberBackend>;
  readonly asked: Promise<void>;
  finish(): void;
  stored(): Promise<ChunkKey[]>;
} {
  const backend = numberBackend((task, inputs) => sum(inputs.flat()) + task.index, {
    payloadBytesMax: 100,
  });
  const { store } = backend;
  const [asked, going] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const put: MemoryStore["putIfAbsent"] = store.putIfAbsent.bind(store);
  store.putIfAbsent = async (...args) => {
    asked.resolve();
    await going.promise;
    return put(...args);
  };
  return {
    backend,
    asked: asked.promise,
    finish: going.resolve,
    stored: () => Array.fromAsync(store.list(""), (object) => object.key),
  };
}

const bytes = new Uint8Array(Float64Array.of(3, 4).buffer);
const given = {
  ...stageOf({ id: 7, count: 2, kind: "data" }),
  data: { offsets: Float64Array.of(0, 8, 16), bytes },
};

test.each(["before its write begins", "while it is written", "by the close of the client"])(
  "given data that is let go %s leaves nothing in the store",
  async (when) => {
    const { backend, asked, finish, stored } = slowlyWriting();
    const keeper = createKeeper(backend, { host: "here", pid: 1, isAlive: () => true });
    const driver = checkedDriver(backend, { keeper });
    const handle = driver.submit(
      jobOf(planOf([given], [[7]]), { ownNames: true, storesAbove: 0, onError: "continue" }),
    );
    if (when !== "before its write begins") await asked;
    if (when !== "by the close of the client") handle.release();
    const closed = driver.close();
    await asked;
    finish();
    await closed;
    expect(await stored()).toEqual([]);
  },
);

test("one of many small results that is let go while it is written for a large reader leaves nothing", async () => {
  const { backend, asked, finish, stored } = slowlyWriting();
  const keeper = createKeeper(backend, { host: "here", pid: 1, isAlive: () => true });
  const driver = checkedDriver(backend, { keeper });
  const own = { ownNames: true, onError: "continue" } as const;
  const many = driver.submit(jobOf(planOf([stageOf({ id: 1, count: 3 })], [[1]]), own));
  await many.outcomes;
  const offsets = Uint32Array.of(0, 1);
  const reads = [[1, { kind: "csr", offsets, targets: Uint32Array.of(1) }]] as const;
  const large = driver.submit(jobOf(planOf([stageOf({ id: 2, count: 1, reads })], [[2]]), own));
  await asked;
  large.release();
  many.releaseIndex(0, 1);
  finish();
  await new Promise(setImmediate);
  await driver.afterDeletions(() => Promise.resolve());
  expect(await stored()).toEqual([]);
  await driver.close();
});

test("a write that fails does not let the others be forgotten", async () => {
  const { backend, asked, finish, stored } = slowlyWriting();
  const { store } = backend;
  const slow = store.putIfAbsent;
  store.putIfAbsent = (chunk, ...rest) =>
    chunk === chunkKey(given.name, 0) ? Promise.reject(new Error("no room")) : slow(chunk, ...rest);
  const results = new StageResults(given);
  await expect(spillChunks(store, results, [0, 1])).rejects.toThrow("no room");
  await asked;
  const deleted = deleteChunks(store, results.storedChunks());
  finish();
  await deleted;
  expect(await stored()).toEqual([]);
  await new Promise(setImmediate);
  expect(await stored()).toEqual([]);
});
