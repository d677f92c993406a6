import { capture } from "../src/code/capture.ts";
import type { Benchmark } from "./benchmark.ts";

const rounds = 500;

/** One closure at a time, with a helper and an object, once the parser is warm. */
export const captureAgain: Benchmark = {
  name: "capture-again",
  describe: "capturing a closure with a helper and an object again, median of 500",
  unit: "ms",
  atMost: 0.4,
  async run() {
    const limits = { low: 1, high: 9 };
    const isWithin = (x: number): boolean => x >= limits.low && x <= limits.high;
    const make = (n: number) => (x: number) => isWithin(x) && x > n;
    for (let k = 0; k < 50; k++) capture(make(-k));
    const took: number[] = [];
    for (let k = 0; k < rounds; k++) {
      const closure = make(k);
      const start = performance.now();
      capture(closure);
      took.push(performance.now() - start);
    }
    return took.sort((a, b) => a - b)[rounds / 2] ?? Number.NaN;
  },
};
