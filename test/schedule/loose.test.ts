import { describe, expect, test } from "vitest";
import { chunkKey } from "../../src/backend/chunk-key.ts";
import type { InvocationOutcome, TaskResult } from "../../src/backend/task.ts";
import { seededRandom } from "../../src/base/seeded-random.ts";
import type { InputMapping } from "../../src/plan/mapping.ts";
import { Arena } from "../../src/schedule/arena.ts";
import type { Driver, JobHandle } from "../../src/schedule/driver.ts";
import { createKeeper } from "../../src/schedule/keeper.ts";
import { heldOf } from "../support/collect-garbage.ts";
import { bytesOf, doneWith, numberBackend } from "./support/number-backend.ts";
import { checkedDriver, doneNumbers, jobOf, sum } from "./support/numbers.ts";
import { planOf, stageOf } from "./support/stages.ts";

const count = 6;
const source = stageOf({ id: 1, count });

/** Futures of one stage, whose squares go to the store, and futures of stages that add some of them up. */
class Squares {
  readonly driver: Driver;
  /** Indexes of squares, as they were made. */
  readonly made: number[] = [];
  readonly #backend;
  #next = 2;
  #answers: (() => void)[] | undefined;

  constructor() {
    this.#backend = numberBackend(
      (task, inputs, { stage }) => {
        if (stage.name !== source.name) return sum(inputs.flat());
        const { index } = task;
        this.made.push(index);
        void this.#backend.store.putIfAbsent(chunkKey(source.name, index), bytesOf(index ** 2));
        const output = { bytes: 8, rows: 1, checksum: index };
        return { ...(doneWith(task, 0) as Extract<TaskResult, { status: "done" }>), output };
      },
      {
        onInvoke: ({ stage, tasks }) => {
          if (this.#answers === undefined || stage.name === source.name) return undefined;
          return new Promise<InvocationOutcome>((resolve) => {
            const results = tasks.map((task) => doneWith(task, 7));
            this.#answers?.push(() => resolve({ kind: "answered", worker: 0, results }));
          });
        },
      },
    );
    const keeper = createKeeper(this.#backend, { host: "here", pid: 1, isAlive: () => true });
    this.driver = checkedDriver(this.#backend, { keeper });
  }

  /** Futures of these squares. */
  submit(...indexes: number[]): JobHandle {
    const set = { kind: "list", indexes: Uint32Array.from(indexes) } as const;
    return this.#submit(planOf([source], [[1, set]]));
  }

  /** A future of the sum of these squares. */
  add(...targets: number[]): JobHandle {
    const offsets = Uint32Array.of(0, targets.length);
    return this.#read({ kind: "csr", offsets, targets: Uint32Array.from(targets) });
  }

  /** A future of the sum of all squares. */
  addAll(): JobHandle {
    return this.#read({ kind: "all" });
  }

  /** What adds up waits until `letGo`. */
  hold(): void {
    this.#answers = [];
  }

  letGo(): void {
    const answers = this.#answers ?? [];
    this.#answers = undefined;
    for (const answer of answers) answer();
  }

  /** Indexes of the squares that are in the store when all deletions are over. */
  async kept(): Promise<number[]> {
    await new Promise(setImmediate);
    await this.driver.afterDeletions(() => Promise.resolve());
    const kept: number[] = [];
    for await (const { key } of this.#backend.store.list("")) {
      kept.push(Number(key.split("/").at(-1)));
    }
    return kept.sort((a, b) => a - b);
  }

  #read(mapping: InputMapping): JobHandle {
    const id = this.#next++;
    return this.#submit(planOf([stageOf({ id, count: 1, reads: [[1, mapping]] })], [[id]]));
  }

  #submit(plan: ReturnType<typeof planOf>): JobHandle {
    return this.driver.submit(jobOf(plan, { ownNames: true, onError: "continue" }));
  }
}

/** The squares of 0 to 5, all there. */
async function allMade(): Promise<{ squares: Squares; handle: JobHandle }> {
  const squares = new Squares();
  const handle = squares.submit(0, 1, 2, 3, 4, 5);
  await handle.outcomes;
  return { squares, handle };
}

describe("single results that are released", () => {
  test("go, and the others stay until they are released together", async () => {
    const { squares, handle } = await allMade();
    for (const index of [1, 3, 3]) handle.releaseIndex(0, index);
    expect(await squares.kept()).toEqual([0, 2, 4, 5]);
    handle.release();
    expect(await squares.kept()).toEqual([]);
    await squares.driver.close();
  });

  test("stay as long as another job holds them", async () => {
    const { squares, handle } = await allMade();
    const other = squares.submit(2, 3);
    await other.outcomes;
    for (const index of [1, 2, 3]) handle.releaseIndex(0, index);
    expect(await squares.kept()).toEqual([0, 2, 3, 4, 5]);
    other.releaseIndex(0, 3);
    expect(await squares.kept()).toEqual([0, 2, 4, 5]);
    // The last of what the one held, or all that the other did.
    other.release();
    expect(await squares.kept()).toEqual([0, 4, 5]);
    const third = squares.submit(5);
    await third.outcomes;
    handle.release();
    expect(await squares.kept()).toEqual([5]);
    expect(squares.made).toHaveLength(count);
    await squares.driver.close();
  });

  test("stay until what reads them is done, and are made again if they are asked for later", async () => {
    const { squares, handle } = await allMade();
    squares.hold();
    const readers = [squares.add(1, 2), squares.add(2, 3)];
    for (const index of [1, 2, 3, 4]) handle.releaseIndex(0, index);
    expect(await squares.kept()).toEqual([0, 1, 2, 3, 5]);
    squares.letGo();
    for (const reader of readers) expect(await doneNumbers(reader)).toEqual([7]);
    expect(await squares.kept()).toEqual([0, 5]);
    // 0 + 1 + 16, of which two have to be made again; they are nobody's, so they go again.
    squares.made.length = 0;
    expect(await doneNumbers(squares.add(0, 1, 4))).toEqual([17]);
    expect(squares.made.sort()).toEqual([1, 4]);
    expect(await squares.kept()).toEqual([0, 5]);
    // 0 + 1 + 4 + 9 + 16 + 25
    expect(await doneNumbers(squares.addAll())).toEqual([55]);
    expect(await doneNumbers(squares.addAll())).toEqual([55]);
    expect(await squares.kept()).toEqual([0, 5]);
    await squares.driver.close();
  });

  test("are cancelled if they have not begun", async () => {
    const squares = new Squares();
    const ended: number[] = [];
    const handle = squares.driver.submit(
      jobOf(planOf([source], [[1]]), {
        ownNames: true,
        onChunkFailed: (_, index, outcome) => {
          if (outcome === "cancelled") ended.push(index);
        },
      }),
    );
    for (const index of [4, 5]) handle.releaseIndex(0, index);
    await handle.outcomes;
    expect(ended).toEqual([4, 5]);
    expect(squares.made.sort()).toEqual([0, 1, 2, 3]);
    await squares.driver.close();
  });
});

test.for(Array.from({ length: 20 }, (_, i) => i))(
  "whoever holds or reads squares in whatever order, the right ones are there (seed %i)",
  async (seed) => {
    const random = seededRandom(seed);
    const below = (end: number): number => Math.floor(random.next() * end);
    const some = (of: readonly number[]): number[] => of.filter(() => below(2) === 0);
    const heldNow = (): number[] => [...new Set(holders.flatMap(({ held }) => [...held]))].sort();
    const squares = new Squares();
    const holders: { handle: JobHandle; held: Set<number> }[] = [];
    const readers: { handle: JobHandle; expected: number }[] = [];
    const actions = [
      () => {
        const indexes = some([0, 1, 2, 3, 4, 5]);
        if (indexes.length === 0) return;
        holders.push({ handle: squares.submit(...indexes), held: new Set(indexes) });
      },
      () => {
        const indexes = some(heldNow());
        if (indexes.length === 0) return;
        const expected = sum(indexes.map((index) => index ** 2));
        readers.push({ handle: squares.add(...indexes), expected });
      },
      () => {
        const holder = holders[below(holders.length)];
        const index = [...(holder?.held ?? [])][below(holder?.held.size ?? 0)];
        if (holder === undefined || index === undefined) return;
        holder.held.delete(index);
        if (holder.held.size > 0) holder.handle.releaseIndex(0, index);
        else holder.handle.release();
      },
    ];
    for (let i = 0; i < 60; i++) {
      const at = below(5);
      if (at < 3) actions[at]?.();
      else if (at === 3) await Promise.resolve();
      else for (const { handle } of [...holders, ...readers]) await handle.outcomes;
    }
    for (const { handle, expected } of readers) {
      expect(await doneNumbers(handle)).toEqual([expected]);
      handle.release();
    }
    for (const { handle } of holders) await handle.outcomes;
    expect(await squares.kept()).toEqual(heldNow());
    for (const { handle } of holders) handle.release();
    expect(await squares.kept()).toEqual([]);
    await squares.driver.close();
  },
);

test("memory of small results goes with the last one of a buffer", async () => {
  const arena = new Arena(10_000);
  const text = new Uint8Array(1000);
  const places = Array.from({ length: 10_000 }, () => arena.add(text));
  const buffers = (): WeakRef<object>[] =>
    [...new Set(places.map((place) => arena.get(place, 1).buffer))].map((it) => new WeakRef(it));
  const before = buffers();
  // 10 MB in buffers of up to a MiB, and a few smaller ones at first.
  expect(before.length).toBeGreaterThan(9);
  for (const place of places.slice(0, -1)) arena.remove(place);
  expect(await heldOf(before)).toBe(1);
  expect(arena.get(places.at(-1) ?? 0, 1000)).toEqual(text);
});
