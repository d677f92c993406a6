import type { Benchmark } from "./benchmark.ts";
import { mapAndTree } from "./schedule/expressions.ts";
import { medianTimeOf } from "./schedule/run-plan.ts";

const tasks = 1_000_000;

/** Plan, schedule and journal a million mapped tasks and the tree over them, on a backend that answers at once. */
export const scheduleMap1m: Benchmark = {
  name: "schedule-map-1m",
  describe:
    "plan, schedule and journal a map of 1,000,000 tasks and its reduce tree; no task is really run, the journal's bytes are dropped, no run record is kept",
  unit: "us/task",
  atMost: 5,
  async run() {
    return (1000 * (await medianTimeOf(() => mapAndTree(tasks)))) / tasks;
  },
};
