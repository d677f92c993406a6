import { execFileSync } from "node:child_process";
import path from "node:path";
import type { Benchmark } from "./benchmark.ts";

const program = path.join(import.meta.dirname, "programs", "capture-first.ts");
const runs = 9;

/** What the first `map(fn)` of a program waits for. */
export const captureFirst: Benchmark = {
  name: "capture-first",
  describe:
    "the first capture of a native TypeScript process, parser and all; median of 9 processes",
  unit: "ms",
  atMost: 120,
  async run() {
    const took = Array.from({ length: runs }, () =>
      Number(execFileSync(process.execPath, [program], { encoding: "utf8" })),
    );
    return took.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? Number.NaN;
  },
};
