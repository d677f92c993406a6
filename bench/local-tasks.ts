import { connect } from "../src/index.ts";
import type { Benchmark } from "./benchmark.ts";

const tasks = 100_000;

/** Trivial tasks per second end to end: submitted, run on two worker processes, gathered. Start-up is not counted. */
export const localTasks: Benchmark = {
  name: "local-tasks",
  describe:
    "100,000 trivial tasks mapped and gathered on two started worker processes; a fresh client without a history",
  unit: "tasks/s",
  atLeast: 20_000,
  async run() {
    await using client = await connect({ processes: 2, progress: "none" });
    const numbers = Array.from({ length: tasks }, (_, k) => k);
    await client.gather(client.map((x: number) => x + 1, numbers.slice(0, 100)));
    const start = performance.now();
    const results = await client.gather(client.map((x: number) => x + 2, numbers));
    const seconds = (performance.now() - start) / 1000;
    const sum = results.reduce((total, x) => total + x, 0);
    if (sum !== (tasks * (tasks - 1)) / 2 + 2 * tasks) throw new Error(`wrong sum ${sum}`);
    return tasks / seconds;
  },
};
