import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Benchmark } from "./benchmark.ts";

const repetitions = 15;

/** Time to import the built package in a fresh process, as that process itself sees it; Node's start is not counted. */
export const importTime: Benchmark = {
  name: "import-time",
  describe:
    "import of the built package in a fresh process, median of 15 (run `npm run build` first)",
  unit: "ms",
  atMost: 55,
  run() {
    const entry = join(import.meta.dirname, "..", "dist", "index.js");
    if (!existsSync(entry)) throw new Error("dist/ is missing: run `npm run build` first");
    const program = `const t = performance.now(); await import(${JSON.stringify(entry)}); console.log(performance.now() - t);`;
    const took = Array.from({ length: repetitions }, () =>
      Number(
        execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
          encoding: "utf8",
        }),
      ),
    );
    return Promise.resolve(took.sort((a, b) => a - b)[(repetitions - 1) / 2] ?? Number.NaN);
  },
};
