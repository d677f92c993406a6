import { connect } from "../src/index.ts";
import type { Benchmark } from "./benchmark.ts";

const rounds = 500;

/** From `submit` to the value in hand, one at a time, on started workers. */
export const submitRoundtrip: Benchmark = {
  name: "submit-roundtrip",
  describe: "client.submit(inc, k).result(), median of 500 on started workers, one at a time",
  unit: "ms",
  atMost: 2,
  async run() {
    await using client = await connect({ processes: 2, progress: "none" });
    const inc = (x: number): number => x + 1;
    for (let k = 0; k < 20; k++) await client.submit(inc, -k).result();
    const took: number[] = [];
    for (let k = 0; k < rounds; k++) {
      const start = performance.now();
      const result = await client.submit(inc, k).result();
      took.push(performance.now() - start);
      if (result !== k + 1) throw new Error(`wrong result ${result}`);
    }
    return took.sort((a, b) => a - b)[rounds / 2] ?? Number.NaN;
  },
};
