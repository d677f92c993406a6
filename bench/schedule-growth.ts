import type { Expr } from "../src/plan/expr.ts";
import type { Benchmark } from "./benchmark.ts";
import { irregularCalls, mapAndTree } from "./schedule/expressions.ts";
import { timeOf } from "./schedule/run-plan.ts";

const small = 100_000;
const times = 10;

/** How much longer ten times the work takes: the worse of the regular and the irregular plan. */
export const scheduleGrowth: Benchmark = {
  name: "schedule-growth",
  describe:
    "time of 10 times the tasks over the time of the tasks, of the fastest of five rounds, regular and irregular; the journal's bytes are dropped",
  unit: "x",
  atMost: 11,
  async run() {
    // The first run of all compiles the code.
    await timeOf(mapAndTree(small));
    await timeOf(irregularCalls(small));
    return Math.max(await growthOf(mapAndTree), await growthOf(irregularCalls));
  },
};

/**
 * Ten small runs in a row leave as much garbage as the large one, and so have their share of its collection, which the
 * fastest small run alone would not have. Of five rounds, those that the rest of the machine disturbed least.
 */
async function growthOf(work: (count: number) => Expr): Promise<number> {
  let large = Number.POSITIVE_INFINITY;
  let inARow = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    large = Math.min(large, await timeOf(work(times * small)));
    let sum = 0;
    for (let run = 0; run < times; run++) sum += await timeOf(work(small));
    inARow = Math.min(inARow, sum);
  }
  return (large / inARow) * times;
}
