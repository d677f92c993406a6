import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Bag, fromSequence } from "../../src/bag.ts";
import { seededRandom } from "../../src/base/seeded-random.ts";
import { connect } from "../../src/index.ts";
import { localBackend } from "../../src/local/local-backend.ts";

const itemsOf = (seed: number): number[] => Array.from({ length: 6 }, (_, i) => seed * 100 + i);

/** A bag with its sums, which are known without it: parts are too large for replies. */
interface Known {
  readonly bag: Bag<Float64Array>;
  readonly sums: readonly number[];
}

const sumsOf = async ({ bag }: Known): Promise<number[]> =>
  (await bag.compute()).map((part) => part.reduce((a, b) => a + b, 0));

test.for([1, 2, 3, 4, 5, 6, 7, 8])(
  "whatever is persisted, released and aborted at once, results are right and nothing is left: seed %i",
  async (seed) => {
    const random = seededRandom(seed);
    const backend = localBackend({ inline: true });
    const client = await connect({ backend, progress: "none" });
    const known: Known[] = [0, 1].map((start) => ({
      bag: fromSequence(itemsOf(start), { partitions: 3 }).map((x) =>
        new Float64Array(5000).fill(x),
      ),
      sums: itemsOf(start).map((x) => x * 5000),
    }));
    const work = async (): Promise<void> => {
      const from = known[random.below(known.length)] ?? known[0];
      if (from === undefined) throw new Error("no work");
      switch (random.below(5)) {
        case 0: {
          known.push({ bag: await from.bag.persist(), sums: from.sums });
          return;
        }
        case 1:
          from.bag.release();
          return;
        case 2: {
          const bag = from.bag.map((part) => part.map((x) => x + 1));
          known.push({ bag, sums: from.sums.map((x) => x + 5000) });
          return;
        }
        case 3: {
          const stop = new AbortController();
          const stopped = from.bag.compute({ signal: stop.signal }).catch(() => undefined);
          for (let turn = random.below(30); turn > 0; turn--) await setImmediate();
          stop.abort();
          await stopped;
          // Who asks again takes over what was cut off, and cleans up after it.
          expect(await sumsOf(from)).toEqual(from.sums);
          return;
        }
        default:
          expect(await sumsOf(from)).toEqual(from.sums);
      }
    };
    for (let round = 0; round < 12; round++) await Promise.all([work(), work(), work()]);
    for (const { bag } of known) bag.release();
    await client.close();
    const left = [...(await backend.runs.list("kept/")), ...(await backend.runs.list("runs/"))];
    for await (const { key } of backend.store.list("")) left.push(key);
    expect(left).toEqual([]);
  },
);
