import { capture } from "../src/code/capture.ts";
import type { Benchmark } from "./benchmark.ts";

const closures = 1000;

/** A loop that submits closures. */
export const capture1000: Benchmark = {
  name: "capture-1000",
  describe: "capturing 1,000 distinct closures of one arrow, the first capture apart",
  unit: "ms",
  atMost: 400,
  async run() {
    const make = (n: number) => (x: number) => x + n;
    capture(make(-1));
    const all = Array.from({ length: closures }, (_, n) => make(n));
    const start = performance.now();
    const shipped = all.map((closure) => capture(closure));
    const took = performance.now() - start;
    const modules = new Set(shipped.map((one) => one.modules[0]?.hash));
    if (modules.size !== 1) throw new Error(`${modules.size} code modules for one arrow`);
    return took;
  },
};
