import type { Benchmark } from "./benchmark.ts";
import { irregularCalls, mapAndTree } from "./schedule/expressions.ts";
import { fastestTimeOf, timeOf } from "./schedule/run-plan.ts";

/** How much longer ten times the work takes: the worse of the regular and the irregular plan. */
export const scheduleGrowth: Benchmark = {
  name: "schedule-growth",
  describe:
    "time of 10 times the tasks over the time of the tasks, fastest of five, regular and irregular; the journal's bytes are dropped",
  unit: "x",
  atMost: 11,
  async run() {
    // The first run of all compiles the code.
    await timeOf(mapAndTree(100_000));
    await timeOf(irregularCalls(100_000));
    const regular =
      (await fastestTimeOf(() => mapAndTree(1_000_000))) /
      (await fastestTimeOf(() => mapAndTree(100_000)));
    const irregular =
      (await fastestTimeOf(() => irregularCalls(1_000_000))) /
      (await fastestTimeOf(() => irregularCalls(100_000)));
    return Math.max(regular, irregular);
  },
};
