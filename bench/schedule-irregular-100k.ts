import type { Benchmark } from "./benchmark.ts";
import { irregularCalls } from "./schedule/expressions.ts";
import { medianTimeOf } from "./schedule/run-plan.ts";

const tasks = 100_000;

/** Plan, schedule and journal irregular calls, each reading up to four earlier ones. */
export const scheduleIrregular100k: Benchmark = {
  name: "schedule-irregular-100k",
  describe:
    "plan, schedule and journal 100,000 calls that read up to four others each, and a tree over them; no task is really run, the journal's bytes are dropped, no run record is kept",
  unit: "us/task",
  atMost: 20,
  async run() {
    return (1000 * (await medianTimeOf(() => irregularCalls(tasks)))) / tasks;
  },
};
