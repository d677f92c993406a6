import { type Client, connect, type Future } from "../src/index.ts";
import type { Benchmark } from "./benchmark.ts";

const count = 10_000;
const rounds = 5;

const inc = (x: number): number => x + 1;

type Begin = (client: Client, numbers: readonly number[]) => Future<number>[];

const begins: readonly Begin[] = [
  (client, numbers) => numbers.map((n) => client.submit(inc, n)),
  (client, numbers) => client.map(inc, numbers),
];

/** What it costs to submit calls one by one. */
export const submitMany: Benchmark = {
  name: "submit-many",
  describe:
    "time of 10,000 client.submit(inc, k) in a loop over that of one client.map of 10,000, first call to last end on two started workers, least of five each",
  unit: "x",
  // Each has a place where it was called, an identity and an end of its own: that is what is left.
  atMost: 3,
  async run() {
    await using client = await connect({ processes: 2, progress: "none" });
    const least = begins.map(() => Number.POSITIVE_INFINITY);
    // The first round of all starts the workers and compiles the code. One after another, so that the machine disturbs both alike.
    for (let round = 0; round <= rounds; round++) {
      for (const [at, begin] of begins.entries()) {
        const took = await timeOf(client, begin, round);
        if (round > 0) least[at] = Math.min(least[at] ?? took, took);
      }
    }
    const [submit = Number.NaN, map = Number.NaN] = least;
    return submit / map;
  },
};

/** Milliseconds until all have ended; of numbers that no round before had. */
async function timeOf(client: Client, begin: Begin, round: number): Promise<number> {
  const numbers = Array.from({ length: count }, (_, i) => round * count + i);
  const start = performance.now();
  const futures = begin(client, numbers);
  for (const future of futures) await future.ended();
  const took = performance.now() - start;
  const last = await futures.at(-1)?.result();
  if (last !== (round + 1) * count) throw new Error(`wrong result ${last}`);
  for (const future of futures) future.release();
  return took;
}
